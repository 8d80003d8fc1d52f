using System.Globalization;

namespace Weir.Bench.Skew;

/// <summary>How late somebody's readings began.</summary>
/// <param name="Name">Who, and which of its readings.</param>
/// <param name="SortedMs">Behind their due time, in ascending order.</param>
/// <param name="Lost">Readings that did not take place, or too late to count.</param>
internal sealed record SkewResult(string Name, double[] SortedMs, long Lost)
{
    /// <summary>The heading of a table of them.</summary>
    public const string Heading = "| | readings | p50 ms | p99 ms | most ms | lost |\n|---|---|---|---|---|---|";

    /// <summary>A row of it.</summary>
    public string Row => string.Create(CultureInfo.InvariantCulture, $"| {Name} | {SortedMs.Length} | {Quantile.Of(SortedMs, 0.5):0.0} | {Quantile.Of(SortedMs, 0.99):0.0} | {Quantile.Of(SortedMs, 1):0.0} | {Lost} |");
}
