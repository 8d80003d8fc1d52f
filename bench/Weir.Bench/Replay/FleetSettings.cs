namespace Weir.Bench.Replay;

/// <summary>How many hosts replay, and how.</summary>
internal sealed record FleetSettings
{
    /// <summary>Hosts, at least 1.</summary>
    public required int Hosts { get; init; }

    /// <summary>Most frames in a batch.</summary>
    public int BatchFrames { get; init; } = 1;

    /// <summary>HTTP/2 connections that the streams are spread over; null: one per host, at most 64.</summary>
    public int? Connections { get; init; }

    /// <summary>When ticks leave.</summary>
    public Pace Pace { get; init; } = Pace.Max;

    /// <summary>Most bytes of frames encoded before sending begins; beyond it they are encoded while sending. Null: half of the memory.</summary>
    public long? MaxEncodedBytes { get; init; }
}
