namespace Weir.Agent.Collectors;

// Each pair has the same metrics in the same order: what a container is called by the conventions, and any other control group by ours.
internal static partial class Templates
{
    private const string GroupPath = "system.linux.cgroup.path";

    public static Template ContainerCpu { get; } = Of(["container.id", GroupPath, "cpu.mode"], Counter("container.cpu.time", "s"));

    public static Template GroupCpu { get; } = Of([GroupPath, "cpu.mode"], Counter("system.linux.cgroup.cpu.time", "s"));

    public static Template GroupThrottling { get; } = Of(
        [GroupPath],
        Counter("system.linux.cgroup.cpu.throttled.time", "s"),
        Counter("system.linux.cgroup.cpu.throttled.periods", "{period}"));

    public static Template ContainerMemory { get; } = Of(["container.id", GroupPath], Gauge("container.memory.usage", "By"));

    public static Template GroupMemory { get; } = Of([GroupPath], Gauge("system.linux.cgroup.memory.usage", "By"));

    public static Template GroupMemoryLimit { get; } = Of(
        [GroupPath],
        Gauge("system.linux.cgroup.memory.limit", "By"),
        Counter("system.linux.cgroup.memory.oom_kills", "{process}"));

    public static Template ContainerIo { get; } = Of(["container.id", GroupPath, "disk.io.direction"], Counter("container.disk.io", "By"));

    public static Template GroupIo { get; } = Of([GroupPath, "disk.io.direction"], Counter("system.linux.cgroup.disk.io", "By"));

    public static Template GroupOperations { get; } = Of([GroupPath, "disk.io.direction"], Counter("system.linux.cgroup.disk.operations", "{operation}"));

    public static Template GroupProcesses { get; } = Of([GroupPath], Gauge("system.linux.cgroup.process.count", "{process}"));

    public static Template GroupPressure { get; } = Of([GroupPath, "system.linux.pressure.resource"], Counter("system.linux.cgroup.pressure.time", "s"));
}
