using System.Text.Json.Serialization;

namespace Weir.Bench.Codec;

/// <summary>The report of <c>codec</c>; <c>docs/benchmarks.md</c> says what each figure means.</summary>
internal sealed record CodecReport
{
    public required int Series { get; init; }

    public required int Ticks { get; init; }

    /// <summary>Whether every value of the recording came back from codec 1 and codec 0 bit for bit, and from the other formats what they were given.</summary>
    public required bool Exact { get; init; }

    /// <summary>Codec 1, at each number of ticks per frame.</summary>
    public required IReadOnlyList<FormatResult> Results { get; init; }

    /// <summary>What it is compared with, over the same ticks.</summary>
    public required IReadOnlyList<FormatSeries> Formats { get; init; }

    public required string Input { get; init; }

    /// <summary>What was left out of the recording; null where nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required string? InputCut { get; init; }

    /// <summary>What a reader of the figures must know; null where there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required string? Note { get; init; }

    public required long Samples { get; init; }

    public required int IntervalMs { get; init; }

    /// <summary>Whether times were rounded to the second.</summary>
    public required bool TimesRounded { get; init; }

    /// <summary>The first tick that is measured, from 1.</summary>
    public required int MeasuredFromTick { get; init; }

    public required int MeasuredTicks { get; init; }

    /// <summary>Bytes of templates and schema, sent once, with their headers; not part of any other figure.</summary>
    public required long SchemaBytes { get; init; }

    /// <summary>Ticks before which a baseline was made, with its bytes.</summary>
    public required IReadOnlyList<BaselineCost> Baselines { get; init; }

    public required string Machine { get; init; }
}
