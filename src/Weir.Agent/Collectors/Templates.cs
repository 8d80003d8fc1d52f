namespace Weir.Agent.Collectors;

/// <summary>The metrics of all collectors on all systems, in OpenTelemetry names, units and attribute keys.</summary>
/// <remarks>docs/metrics.md lists them with their sources; MetricsDocumentTests compares. A change here is a change of the fleet's schemas.</remarks>
internal static class Templates
{
    public static Template CpuTime { get; } = Of(["cpu.logical_number", "cpu.mode"], Counter("system.cpu.time", "s"));

    public static Template CpuUtilization { get; } = Of(["cpu.logical_number"], Gauge("system.cpu.utilization", "1"));

    public static Template CpuCount { get; } = Of([], Gauge("system.cpu.logical.count", "{cpu}"));

    public static Template MemoryUsage { get; } = Of(["system.memory.state"], Gauge("system.memory.usage", "By"));

    public static Template Memory { get; } = Of([], Gauge("system.memory.limit", "By"), Gauge("system.memory.utilization", "1"));

    public static Template MemoryAvailable { get; } = Of([], Gauge("system.memory.linux.available", "By"));

    public static Template MemorySlab { get; } = Of(["system.memory.linux.slab.state"], Gauge("system.memory.linux.slab.usage", "By"));

    public static Template PagingUsage { get; } = Of(["system.paging.state"], Gauge("system.paging.usage", "By"));

    public static Template PagingFaults { get; } = Of(["system.paging.fault.type"], Counter("system.paging.faults", "{fault}"));

    public static Template PagingOperations { get; } =
        Of(["system.paging.fault.type", "system.paging.direction"], Counter("system.paging.operations", "{operation}"));

    public static Template DiskDirection { get; } = Of(
        ["system.device", "disk.io.direction"],
        Counter("system.disk.io", "By"),
        Counter("system.disk.operations", "{operation}"),
        Counter("system.disk.operation_time", "s"),
        Counter("system.disk.merged", "{operation}"));

    public static Template Disk { get; } = Of(["system.device"], Counter("system.disk.io_time", "s"));

    public static Template FilesystemUsage { get; } = Of(
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.mode", "system.filesystem.state"],
        Gauge("system.filesystem.usage", "By"));

    public static Template Filesystem { get; } = Of(
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.mode"],
        Gauge("system.filesystem.limit", "By"),
        Gauge("system.filesystem.utilization", "1"));

    public static Template Network { get; } = Of(
        ["network.interface.name", "network.io.direction"],
        Counter("system.network.io", "By"),
        Counter("system.network.packet.dropped", "{packet}"),
        Counter("system.network.errors", "{error}"));

    // The conventions name the interface of this one metric system.device.
    public static Template NetworkPackets { get; } = Of(["system.device", "network.io.direction"], Counter("system.network.packet.count", "{packet}"));

    public static Template Load { get; } = Of(
        [],
        Gauge("system.cpu.load_average.1m", "{thread}"),
        Gauge("system.cpu.load_average.5m", "{thread}"),
        Gauge("system.cpu.load_average.15m", "{thread}"));

    public static Template Uptime { get; } = Of([], Gauge("system.uptime", "s"));

    public static Template ProcessCount { get; } = Of(["process.state"], Gauge("system.process.count", "{process}"));

    public static Template ProcessCreated { get; } = Of([], Counter("system.process.created", "{process}"));

    private static Metric Gauge(string name, string unit) => new(name, unit, MetricKind.Gauge);

    private static Metric Counter(string name, string unit) => new(name, unit, MetricKind.Counter);

    private static Template Of(string[] keys, params Metric[] metrics) => new(NamingRule.OpenTelemetry, keys, metrics);
}
