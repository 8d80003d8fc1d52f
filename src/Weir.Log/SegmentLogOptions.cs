namespace Weir.Log;

/// <summary>Options of a <see cref="SegmentLog"/>.</summary>
public sealed record SegmentLogOptions
{
    /// <summary>Most bytes of index and payload of one entry. Default 2 MiB.</summary>
    public int MaxEntryBytes { get; init; } = 2 << 20;

    /// <summary>Bytes above which the next block starts a new segment. Default 64 MiB. Smaller segments expire in finer steps and cost more files.</summary>
    public long MaxSegmentBytes { get; init; } = 64L << 20;

    /// <summary>Most bytes appended and not yet durable. Above it appends fail with <see cref="LogError.Overloaded"/>. Default 64 MiB.</summary>
    public int MaxPendingBytes { get; init; } = 64 << 20;

    /// <summary>The reserve of the disk that the log lies on. While it cannot be held, appends fail with <see cref="LogError.DiskFull"/>, but for closing ones. Null for none.</summary>
    public DiskReserve? Reserve { get; init; }

    /// <summary>Clock for segments' creation times, and for the distance between attempts after an error.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
