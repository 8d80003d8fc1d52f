namespace Weir.Log;

/// <summary>What a reader reads.</summary>
public enum LogReadMode
{
    /// <summary>Indexes only; payloads are skipped on disk.</summary>
    IndexOnly,

    /// <summary>Indexes and payloads, whose checksums are verified.</summary>
    Payloads,
}

/// <summary>One entry of a log as read. Its memory is valid until the reader's next step.</summary>
public readonly struct LogEntry
{
    /// <summary>Position of the payload's first byte.</summary>
    public required long Position { get; init; }

    /// <summary>Where reading goes on.</summary>
    public required long Next { get; init; }

    /// <summary>The caller-made summary that stands in the block's index.</summary>
    public required ReadOnlyMemory<byte> Index { get; init; }

    /// <summary>Bytes of the payload.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>The payload; empty when reading indexes only, or when it is damaged.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Whether the payload's checksum does not hold: <see cref="Index"/> still names what was lost.</summary>
    public bool Damaged { get; init; }
}

/// <summary>One segment file of a log.</summary>
/// <param name="Start">Its first position.</param>
/// <param name="End">The position behind its last durable byte.</param>
/// <param name="CreatedMs">When it was made, Unix ms.</param>
public readonly record struct LogSegment(long Start, long End, long CreatedMs)
{
    /// <summary>Bytes on disk.</summary>
    public long Bytes => End - Start;
}
