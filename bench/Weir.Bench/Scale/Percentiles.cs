namespace Weir.Bench.Scale;

/// <summary>How long something took.</summary>
/// <param name="P50Ms">Half of them took no longer.</param>
/// <param name="P99Ms">99 of a hundred took no longer.</param>
/// <param name="Count">How many there were.</param>
internal sealed record Percentiles(double P50Ms, double P99Ms, int Count)
{
    public static Percentiles Of(List<TimeSpan> durations)
    {
        TimeSpan[] sorted = [.. durations.Order()];
        return new Percentiles(At(sorted, 0.50), At(sorted, 0.99), sorted.Length);
    }

    private static double At(TimeSpan[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)].TotalMilliseconds;
}
