namespace Weir.Bench;

/// <summary>Quantiles of durations.</summary>
internal static class Quantile
{
    /// <summary>The duration that a share of them does not exceed; zero where there are none.</summary>
    /// <param name="sorted">In order of length.</param>
    /// <param name="share">0 to 1.</param>
    public static TimeSpan Of(TimeSpan[] sorted, double share) => sorted.Length == 0 ? TimeSpan.Zero : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
