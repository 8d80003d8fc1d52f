namespace Weir.Bench.Outage;

/// <summary>From ticks to the moments at which queries answered with them, in ms.</summary>
internal sealed record LiveLatency(double P50Ms, double P99Ms, double MaxMs, int Ticks)
{
    public static LiveLatency Of(IEnumerable<LiveTick> ticks)
    {
        double[] sorted = [.. ticks.Select(static tick => tick.LatencyMs).Order()];
        return sorted.Length == 0 ? new LiveLatency(0, 0, 0, 0) : new LiveLatency(Quantile.Of(sorted, 0.50), Quantile.Of(sorted, 0.99), sorted[^1], sorted.Length);
    }
}
