namespace Weir.Frames;

/// <summary>Why a scheduled sample was not collected. Values are frozen.</summary>
public enum FailureReason : byte
{
    /// <summary>The source answered with an error.</summary>
    Error = 1,

    /// <summary>The agent lacks a right.</summary>
    AccessDenied = 2,

    /// <summary>The host does not have it (any more).</summary>
    NotHere = 3,

    /// <summary>The collector hangs beyond its deadline.</summary>
    Stuck = 4,
}

/// <summary>Why a collected sample was given up on purpose. Values are frozen.</summary>
public enum DropReason : byte
{
    /// <summary>The spool's disk budget was reached.</summary>
    SpoolBudget = 1,

    /// <summary>The gateway refused the entry three times.</summary>
    Rejected = 2,

    /// <summary>The spool could not be written.</summary>
    SpoolFailed = 3,

    /// <summary>The entry was damaged in the spool.</summary>
    Damaged = 4,

    /// <summary>The objects it needs are gone.</summary>
    ObjectsGone = 5,
}

/// <summary>What an agent says it did in one window (minute of event time). All counts are samples.</summary>
/// <remarks>scheduled = collected + failed + late + missed; collected = sent + dropped. <c>docs/formats/declaration.md</c> draws the bytes.</remarks>
public sealed record WindowDeclaration
{
    /// <summary>Samples that the window's ticks should have brought.</summary>
    public required long Scheduled { get; init; }

    /// <summary>Samples read from their sources.</summary>
    public required long Collected { get; init; }

    /// <summary>Not in when their tick closed.</summary>
    public required long Late { get; init; }

    /// <summary>Of ticks that could not run.</summary>
    public required long Missed { get; init; }

    /// <summary>Sealed into frames and durable in the spool.</summary>
    public required long Sent { get; init; }

    /// <summary>Not collected, by reason.</summary>
    public IReadOnlyDictionary<FailureReason, long> Failed { get; init; } = new Dictionary<FailureReason, long>();

    /// <summary>Collected and given up, by reason.</summary>
    public IReadOnlyDictionary<DropReason, long> Dropped { get; init; } = new Dictionary<DropReason, long>();

    /// <summary><see cref="SampleDigest"/> over the samples sent.</summary>
    public required ulong Digest { get; init; }

    /// <summary>The payload of the declaration.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.U64(Digest);
        foreach (long count in (ReadOnlySpan<long>)[Scheduled, Collected, Late, Missed, Sent]) writer.Varint((ulong)count);
        writer.Varint((ulong)Failed.Count);
        foreach ((FailureReason reason, long count) in Failed.OrderBy(static pair => pair.Key))
        {
            writer.U8((byte)reason);
            writer.Varint((ulong)count);
        }

        writer.Varint((ulong)Dropped.Count);
        foreach ((DropReason reason, long count) in Dropped.OrderBy(static pair => pair.Key))
        {
            writer.U8((byte)reason);
            writer.Varint((ulong)count);
        }

        return writer.Written.ToArray();
    }

    /// <summary>Reads a payload; null where it is malformed.</summary>
    public static WindowDeclaration? TryDecode(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        ulong digest = reader.U64();
        long scheduled = (long)reader.Varint(), collected = (long)reader.Varint(), late = (long)reader.Varint();
        long missed = (long)reader.Varint(), sent = (long)reader.Varint();
        var failed = new Dictionary<FailureReason, long>();
        for (int i = reader.Count(byte.MaxValue); i > 0; i--) failed[(FailureReason)reader.U8()] = (long)reader.Varint();
        var dropped = new Dictionary<DropReason, long>();
        for (int i = reader.Count(byte.MaxValue); i > 0; i--) dropped[(DropReason)reader.U8()] = (long)reader.Varint();
        if (reader.Failed || reader.Remaining != 0) return null;
        return new WindowDeclaration
        {
            Scheduled = scheduled, Collected = collected, Late = late, Missed = missed, Sent = sent, Failed = failed, Dropped = dropped, Digest = digest,
        };
    }
}
