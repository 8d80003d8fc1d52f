namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template Process { get; } = Of(
        ["process.executable.name"],
        Gauge("process.memory.usage", "By"),
        Gauge("process.memory.virtual", "By"),
        Gauge("process.thread.count", "{thread}"),
        Gauge("weir.process.count", "{process}"));

    public static Template ProcessCpuTime { get; } = Of(["process.executable.name", "cpu.mode"], Counter("process.cpu.time", "s"));

    public static Template ProcessDiskIo { get; } = Of(["process.executable.name", "disk.io.direction"], Counter("process.disk.io", "By"));

    public static Template ProcessPagingFaults { get; } = Of(["process.executable.name", "system.paging.fault.type"], Counter("process.paging.faults", "{fault}"));

    public static Template ProcessHandles { get; } = Of(["process.executable.name"], Gauge("process.windows.handle.count", "{handle}"));

    // Processes beyond the most that the agent watches: their values are in no series.
    public static Template ProcessUntracked { get; } = Of([], Gauge("weir.process.untracked", "{process}"));
}
