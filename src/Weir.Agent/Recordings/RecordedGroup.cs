namespace Weir.Agent.Recordings;

/// <summary>What one group of collectors brought while it was recorded.</summary>
/// <param name="Name">The group's name without its interval: a lane, or the collector that it is for alone.</param>
/// <param name="IntervalMs">Distance of its ticks.</param>
internal sealed record RecordedGroup(string Name, long IntervalMs)
{
    /// <summary>The ticks in order.</summary>
    public List<RecordedTick> Ticks { get; } = [];
}
