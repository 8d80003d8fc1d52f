namespace Weir.Query.Evaluation;

/// <summary><c>rate</c> and <c>increase</c> with Prometheus' extrapolation to the edges of the window.</summary>
internal static class CounterMath
{
    // A gap at an edge up to 1.1 average distances counts as covered; a larger one by half a distance.
    private const double CoveredDistances = 1.1;

    /// <summary>The increase over a window; null with fewer than two samples.</summary>
    /// <param name="times">Sample times in the window, Unix ms.</param>
    /// <param name="values">Sample values.</param>
    /// <param name="fromMs">Start of the window, itself outside.</param>
    /// <param name="toMs">End of the window.</param>
    /// <param name="perSecond">Whether to divide by the window's length.</param>
    public static double? Increase(ReadOnlySpan<long> times, ReadOnlySpan<double> values, long fromMs, long toMs, bool perSecond)
    {
        if (times.Length < 2) return null;
        double increase = values[^1] - values[0];
        for (int i = 1; i < values.Length; i++)
            if (values[i] < values[i - 1]) increase += values[i - 1];

        double sampled = (times[^1] - times[0]) / 1000.0;
        double distance = sampled / (times.Length - 1);
        double toStart = (times[0] - fromMs) / 1000.0;
        double toEnd = (toMs - times[^1]) / 1000.0;
        if (toStart >= distance * CoveredDistances) toStart = distance / 2;
        // A counter cannot have been below zero: it is not extrapolated past the time at which it would have been.
        if (increase > 0 && values[0] >= 0) toStart = Math.Min(toStart, sampled * (values[0] / increase));
        if (toEnd >= distance * CoveredDistances) toEnd = distance / 2;
        double factor = (sampled + toStart + toEnd) / sampled;
        if (perSecond) factor /= (toMs - fromMs) / 1000.0;
        return increase * factor;
    }
}
