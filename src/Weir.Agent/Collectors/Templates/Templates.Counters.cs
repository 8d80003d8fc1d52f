namespace Weir.Agent.Collectors;

// What the conventions have no name for on Windows, from its performance counters.
internal static partial class Templates
{
    public static Template WindowsVolumeDirection { get; } = Of(
        ["system.device", "disk.io.direction"],
        Counter("windows.logical_disk.io", "By"),
        Counter("windows.logical_disk.operations", "{operation}"),
        Counter("windows.logical_disk.operation_time", "s"));

    public static Template WindowsVolume { get; } = Of(
        ["system.device"],
        Counter("windows.logical_disk.io_time", "s"),
        Gauge("windows.logical_disk.pending_operations", "{operation}"));

    public static Template WindowsCpuQueue { get; } = Of([], Gauge("windows.cpu.queue.length", "{thread}"));
}
