using System.Globalization;
using System.Text.Json;

namespace Weir.Bench.Garbage;

/// <summary>How one variant has made garbage and stood still for it.</summary>
internal sealed record GarbageReport(string Variant, double Seconds, long Samples, int Young, int Old, double PausedMs, double P99Ms, long AllocatedBytes, long ResidentBytes)
{
    /// <summary>The heading of the table.</summary>
    public const string Heading = "| | samples/s | young collections | between them s | mean pause ms | p99 ms | paused % | allocated B/sample | RSS MB |\n|---|---|---|---|---|---|---|---|---|";

    /// <summary>A line of the table.</summary>
    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Variant} | {Samples / Seconds:0} | {Young} | {(Young == 0 ? "more than " : "")}{Seconds / Math.Max(1, Young):0.00} | {(Young == 0 ? 0 : PausedMs / Young):0.0} | {P99Ms:0.0} | {PausedMs / 10 / Seconds:0.00} | {AllocatedBytes / (double)Samples:0.0} | {ResidentBytes / 1e6:0} |");

    /// <summary>As one line, from the process of the variant to the one that reports.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"[{Seconds},{Samples},{Young},{Old},{PausedMs},{P99Ms},{AllocatedBytes},{ResidentBytes}]");

    /// <summary>Reads <see cref="ToText"/>.</summary>
    public static GarbageReport Parse(string variant, string text)
    {
        using var json = JsonDocument.Parse(text);
        JsonElement at = json.RootElement;
        return new GarbageReport(variant, at[0].GetDouble(), at[1].GetInt64(), at[2].GetInt32(), at[3].GetInt32(), at[4].GetDouble(), at[5].GetDouble(), at[6].GetInt64(), at[7].GetInt64());
    }
}
