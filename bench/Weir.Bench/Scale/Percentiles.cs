namespace Weir.Bench.Scale;

/// <summary>How long something took.</summary>
/// <param name="P50Ms">Half of them took no longer.</param>
/// <param name="P99Ms">99 of a hundred took no longer.</param>
/// <param name="CpuP50Ms">Half of them took no more CPU time of the thread that asked.</param>
/// <param name="CpuP99Ms">99 of a hundred took no more.</param>
/// <param name="Count">How many there were.</param>
internal sealed record Percentiles(double P50Ms, double P99Ms, double CpuP50Ms, double CpuP99Ms, int Count)
{
    public static Percentiles Of(List<Took> all)
    {
        double[] wall = [.. all.Select(static took => took.WallMs).Order()];
        double[] cpu = [.. all.Select(static took => took.CpuMs).Order()];
        return new Percentiles(Quantile.Of(wall, 0.50), Quantile.Of(wall, 0.99), Quantile.Of(cpu, 0.50), Quantile.Of(cpu, 0.99), all.Count);
    }
}
