namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template MemoryUsage { get; } = Of(["system.memory.state"], Gauge("system.memory.usage", "By"));

    public static Template Memory { get; } = Of([], Gauge("system.memory.limit", "By"), Gauge("system.memory.utilization", "1"));

    public static Template MemoryAvailable { get; } = Of([], Gauge("system.memory.linux.available", "By"));

    public static Template MemorySlab { get; } = Of(["system.memory.linux.slab.state"], Gauge("system.memory.linux.slab.usage", "By"));

    public static Template MemoryShared { get; } = Of([], Gauge("system.memory.linux.shared", "By"));

    // Kinds overlap, and are no split of the limit.
    public static Template MemoryKind { get; } = Of(["system.memory.linux.kind"], Gauge("system.memory.linux.usage", "By"));

    public static Template MemoryCommit { get; } = Of([], Gauge("system.memory.linux.commit.usage", "By"), Gauge("system.memory.linux.commit.limit", "By"));

    public static Template HugePages { get; } = Of(["system.memory.linux.hugepages.state"], Gauge("system.memory.linux.hugepages.usage", "{page}"));

    public static Template HugePageCounts { get; } = Of(
        [],
        Gauge("system.memory.linux.hugepages.limit", "{page}"),
        Gauge("system.memory.linux.hugepages.reserved", "{page}"),
        Gauge("system.memory.linux.hugepages.surplus", "{page}"));

    public static Template HugePageSize { get; } = Of([], Gauge("system.memory.linux.hugepages.page_size", "By"));

    public static Template OutOfMemoryKills { get; } = Of([], Counter("system.memory.linux.oom.kills", "{kill}"));

    public static Template AllocationStalls { get; } = Of(["system.memory.linux.zone"], Counter("system.memory.linux.allocation.stalls", "{stall}"));

    public static Template Compaction { get; } = Of(
        [],
        Counter("system.memory.linux.compaction.stalls", "{stall}"),
        Counter("system.memory.linux.compaction.successes", "{compaction}"),
        Counter("system.memory.linux.compaction.failures", "{compaction}"));

    public static Template HugePageFaults { get; } = Of(["system.memory.linux.thp.result"], Counter("system.memory.linux.thp.faults", "{fault}"));

    public static Template PageReclaim { get; } = Of(
        ["system.paging.linux.reclaimer"],
        Counter("system.paging.linux.scanned", "{page}"),
        Counter("system.paging.linux.reclaimed", "{page}"));

    public static Template PageRefaults { get; } = Of(["system.paging.linux.page_type"], Counter("system.paging.linux.refaults", "{page}"));

    public static Template PagingUsage { get; } = Of(["system.paging.state"], Gauge("system.paging.usage", "By"));

    public static Template PagingFaults { get; } = Of(["system.paging.fault.type"], Counter("system.paging.faults", "{fault}"));

    public static Template PagingOperations { get; } =
        Of(["system.paging.fault.type", "system.paging.direction"], Counter("system.paging.operations", "{operation}"));
}
