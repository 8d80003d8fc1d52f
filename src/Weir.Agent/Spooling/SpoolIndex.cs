using System.Buffers.Binary;

namespace Weir.Agent.Spooling;

/// <summary>The index of a spooled entry: epoch (u64), start number (u32), then a copy of the entry's header.</summary>
internal static class SpoolIndex
{
    private const int PrefixBytes = 12;

    // Checksum, content hash, length and version: what every version of a header begins with.
    private const int FrozenHeaderBytes = 39;

    /// <summary>Writes an index.</summary>
    public static void Write(ByteWriter target, ulong epoch, uint startNumber, ReadOnlySpan<byte> entryHeader)
    {
        target.Clear();
        target.U64(epoch);
        target.U32(startNumber);
        target.Bytes(entryHeader);
    }

    /// <summary>Reads an index. Of an entry that a newer program wrote only the seq is known: it is sent as it is.</summary>
    /// <returns>False where the index names nothing.</returns>
    public static bool TryRead(ReadOnlySpan<byte> index, out ulong epoch, out uint startNumber, out EntryHeader header)
    {
        (epoch, startNumber, header) = (0, 0, default);
        if (index.Length < PrefixBytes + FrozenHeaderBytes) return false;
        epoch = BinaryPrimitives.ReadUInt64LittleEndian(index);
        startNumber = BinaryPrimitives.ReadUInt32LittleEndian(index[8..]);
        ReadOnlySpan<byte> copy = index[PrefixBytes..];
        EntryError error = EntryHeader.TryReadHeader(copy, out header);
        if (error is EntryError.UnknownVersion or EntryError.UnknownKind or EntryError.UnknownCodec)
        {
            header = new EntryHeader { Kind = 0, Seq = EntryHeader.PeekSeq(copy) };
            error = EntryError.None;
        }

        return error == EntryError.None && epoch != 0 && header.Seq != 0;
    }
}
