namespace Weir.Bench.Codec;

/// <summary>The figures of a format that codec 1 is compared with.</summary>
/// <param name="Format">Its name.</param>
/// <param name="Exact">Whether every value came back bit for bit.</param>
/// <param name="Results">One per number of ticks.</param>
internal sealed record FormatSeries(string Format, bool Exact, IReadOnlyList<FormatResult> Results);
