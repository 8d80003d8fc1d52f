using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors;

/// <summary>Makes the collectors that run under a configuration; whoever calls it disposes them.</summary>
/// <param name="config">The configuration.</param>
/// <param name="only">The one that is wanted; null: all.</param>
internal delegate IReadOnlyList<PlannedCollector> CollectorPlan(AgentConfig config, string? only = null);
