namespace Weir.Bench.Soak;

/// <summary>One figure of a soak beside its bound.</summary>
/// <param name="What">What was judged.</param>
/// <param name="Found">The figure.</param>
/// <param name="Bound">What it must keep to.</param>
/// <param name="Kept">Whether it does.</param>
internal sealed record SoakFinding(string What, string Found, string Bound, bool Kept);
