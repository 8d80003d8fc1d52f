namespace Weir.Agent.Spooling;

/// <summary>One entry of a <see cref="SegmentSummary"/>: where it stands, and its index as it is in the segment.</summary>
/// <param name="Position">Position of its bytes.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Index">See <see cref="SpoolIndex"/>.</param>
internal readonly record struct SummaryEntry(long Position, int Length, byte[] Index)
{
    // Prefix and header: the longest index there is.
    private const int MaxIndexBytes = 64 + EntryHeader.MaxBytes;

    /// <summary>Reads an entry.</summary>
    public static SummaryEntry Read(ref ByteReader reader) => new((long)reader.U64(), reader.Count(FrameLimits.MaxEntryBytes), reader.Bytes(reader.Count(MaxIndexBytes)).ToArray());

    /// <summary>Writes the entry.</summary>
    public void Write(ByteWriter target)
    {
        target.U64((ulong)Position);
        target.Varint((ulong)Length);
        target.Varint((ulong)Index.Length);
        target.Bytes(Index);
    }

    /// <summary>The entry as the spool knows it.</summary>
    public SpooledEntry ToSpooled() => SpoolIndex.TryRead(Index, out ulong epoch, out uint startNumber, out EntryHeader header)
        ? new SpooledEntry(epoch, startNumber, header, Position, Length)
        : throw new InvalidOperationException("the index of an entry that was taken in cannot be read");
}
