namespace Weir.Bench;

/// <summary>Quantiles of what was measured.</summary>
internal static class Quantile
{
    /// <summary>The value that a share of them does not exceed; zero where there are none.</summary>
    /// <param name="sorted">In ascending order.</param>
    /// <param name="share">0 to 1.</param>
    public static T Of<T>(T[] sorted, double share)
        where T : struct => sorted.Length == 0 ? default : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
