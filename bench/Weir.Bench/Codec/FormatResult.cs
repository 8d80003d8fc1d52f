using System.Text.Json.Serialization;

namespace Weir.Bench.Codec;

/// <summary>The figures of one format at one number of ticks per message.</summary>
internal sealed record FormatResult
{
    /// <summary>Most ticks in a message.</summary>
    public required int Ticks { get; init; }

    /// <summary>Bytes of everything measured, headers and the share of baselines included, by samples.</summary>
    public required double BytesPerSample { get; init; }

    public required double EncodeSamplesPerSecond { get; init; }

    public required double DecodeSamplesPerSecond { get; init; }

    /// <summary>Garbage of encoding and decoding a message together.</summary>
    public double AllocatedBytesPerFrame => EncodeAllocatedBytesPerFrame + DecodeAllocatedBytesPerFrame;

    public required double EncodeAllocatedBytesPerFrame { get; init; }

    public required double DecodeAllocatedBytesPerFrame { get; init; }

    /// <summary>Most ticks that a message really has: a recording may be too short, or have too many series.</summary>
    public required int TicksPerFrame { get; init; }

    public required int Frames { get; init; }

    public required long Samples { get; init; }

    public required long Bytes { get; init; }

    /// <summary>The part of <see cref="BytesPerSample"/> that baselines take; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BaselineBytesPerSample { get; init; }

    /// <summary>Bytes of frames and baselines before what is measured, by samples; null where nothing stands before it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? WarmUpBytesPerSample { get; init; }

    /// <summary>The first span that did not come back bit for bit.</summary>
    [JsonIgnore]
    public TickSpan? Differs { get; init; }
}
