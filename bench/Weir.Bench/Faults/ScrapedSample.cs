namespace Weir.Bench.Faults;

/// <summary>A sample as the store answers with it.</summary>
/// <param name="Labels">Labels of its series, the name among them.</param>
/// <param name="Value">Its value.</param>
/// <param name="TimeMs">Its time, Unix ms.</param>
internal sealed record ScrapedSample(IReadOnlyDictionary<string, string> Labels, double Value, long TimeMs);
