namespace Weir.Log;

/// <summary>What opening a log found. All empty after a clean end.</summary>
public sealed record LogRecovery
{
    /// <summary>Bytes of the last block that never became durable and were cut off.</summary>
    public long TornBytes { get; internal set; }

    /// <summary>Ranges of positions that cannot be read: their entries are lost, and nothing names them but this.</summary>
    public IReadOnlyList<(long From, long To)> DamagedRanges => Damaged;

    /// <summary>Segment files that a crash left without content, and that were removed.</summary>
    public IReadOnlyList<string> RemovedFiles => Removed;

    /// <summary>Positions of entries of the last block whose payload is broken; their index still names them.</summary>
    public IReadOnlyList<long> DamagedEntries => DamagedEntryPositions;

    internal List<long> DamagedEntryPositions { get; } = [];

    internal List<(long From, long To)> Damaged { get; } = [];

    internal List<string> Removed { get; } = [];
}
