using Weir.Agent.Collectors;

namespace Weir.Agent.Collection;

/// <summary>A collector that runs, and its slot.</summary>
internal sealed record PlannedSlot(PlannedCollector Planned, CollectorSlot Slot);
