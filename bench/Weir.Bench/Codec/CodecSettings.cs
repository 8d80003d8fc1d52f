namespace Weir.Bench.Codec;

/// <summary>What a run of <c>codec</c> does.</summary>
internal sealed record CodecSettings
{
    /// <summary>The recording.</summary>
    public required string Input { get; init; }

    /// <summary>How speed is measured.</summary>
    public SpeedMeter Meter { get; init; } = SpeedMeter.Default;
}
