namespace Weir.Bench.Scale;

/// <summary>What a scale run is asked to do. Zero, or none, leaves a case out.</summary>
internal sealed record ScaleSettings
{
    /// <summary>The recording that every host sends.</summary>
    public required string Input { get; init; }

    /// <summary>Fleets to hold in memory, hosts each.</summary>
    public required IReadOnlyList<int> Fleets { get; init; }

    /// <summary>Hot seconds of each host.</summary>
    public required int HotSeconds { get; init; }

    /// <summary>Ticks in a frame.</summary>
    public required int Ticks { get; init; }

    /// <summary>Bytes of hot log to start from.</summary>
    public required long StartBytes { get; init; }

    /// <summary>Hosts that share this log.</summary>
    public required int StartHosts { get; init; }

    /// <summary>Queries of each kind.</summary>
    public required int Queries { get; init; }

    /// <summary>Where the temporary folders are made.</summary>
    public required string Directory { get; init; }
}
