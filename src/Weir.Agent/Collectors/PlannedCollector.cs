namespace Weir.Agent.Collectors;

/// <summary>A collector that is to run.</summary>
/// <param name="Lane">Where.</param>
/// <param name="Interval">Distance of its ticks.</param>
/// <param name="IsAlone">Whether it has a schema of its own.</param>
/// <param name="Collector">The collector; whoever asked for the plan disposes it.</param>
internal sealed record PlannedCollector(LaneKind Lane, TimeSpan Interval, bool IsAlone, ICollector Collector)
{
    /// <summary>The shortest interval that it may be read at on request.</summary>
    public TimeSpan LeastInterval { get; init; } = Configuration.AgentConfig.MinInterval;
}
