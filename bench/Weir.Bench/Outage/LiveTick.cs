namespace Weir.Bench.Outage;

/// <summary>A tick of a running agent that a query has answered with.</summary>
/// <param name="TimeMs">Its time, Unix ms.</param>
/// <param name="LatencyMs">How much later that was.</param>
internal readonly record struct LiveTick(long TimeMs, double LatencyMs);
