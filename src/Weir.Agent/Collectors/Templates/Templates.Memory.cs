namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template MemoryUsage { get; } = Of(["system.memory.state"], Gauge("system.memory.usage", "By"));

    public static Template Memory { get; } = Of([], Gauge("system.memory.limit", "By"), Gauge("system.memory.utilization", "1"));

    public static Template MemoryAvailable { get; } = Of([], Gauge("system.memory.linux.available", "By"));

    public static Template MemorySlab { get; } = Of(["system.memory.linux.slab.state"], Gauge("system.memory.linux.slab.usage", "By"));

    public static Template PagingUsage { get; } = Of(["system.paging.state"], Gauge("system.paging.usage", "By"));

    public static Template PagingFaults { get; } = Of(["system.paging.fault.type"], Counter("system.paging.faults", "{fault}"));

    public static Template PagingOperations { get; } =
        Of(["system.paging.fault.type", "system.paging.direction"], Counter("system.paging.operations", "{operation}"));
}
