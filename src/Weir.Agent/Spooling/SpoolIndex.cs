using System.Buffers.Binary;

namespace Weir.Agent.Spooling;

/// <summary>The index of a spooled entry: epoch (u64), start number (u32), then a copy of the entry's header.</summary>
internal static class SpoolIndex
{
    private const int PrefixBytes = 12;

    /// <summary>Writes an index.</summary>
    public static void Write(ByteWriter target, ulong epoch, uint startNumber, ReadOnlySpan<byte> entryHeader)
    {
        target.Clear();
        target.U64(epoch);
        target.U32(startNumber);
        target.Bytes(entryHeader);
    }

    /// <summary>Reads an index; false where a newer program wrote the entry.</summary>
    public static bool TryRead(ReadOnlySpan<byte> index, out ulong epoch, out uint startNumber, out EntryHeader header)
    {
        (epoch, startNumber, header) = (0, 0, default);
        if (index.Length < PrefixBytes) return false;
        epoch = BinaryPrimitives.ReadUInt64LittleEndian(index);
        startNumber = BinaryPrimitives.ReadUInt32LittleEndian(index[8..]);
        return EntryHeader.TryReadHeader(index[PrefixBytes..], out header) == EntryError.None;
    }
}
