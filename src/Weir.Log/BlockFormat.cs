using System.Buffers.Binary;
using Weir.Frames;

namespace Weir.Log;

/// <summary>The bytes of segment headers and block headers. <c>docs/formats/log.md</c> draws them.</summary>
internal static class BlockFormat
{
    public const int SegmentHeaderBytes = 32;
    public const int BlockHeaderBytes = 32;
    public const int RowBytes = 12;
    public const uint Version = 1;

    private const ulong SegmentMagic = 0x31_47_45_53_52_49_45_57; // "WEIRSEG1"
    private const uint BlockMagic = 0x4B_4C_42_57; // "WBLK"

    public static void WriteSegmentHeader(Span<byte> target, long start, long createdMs)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, SegmentMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], start);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], createdMs);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Crc32C.Compute(target[12..SegmentHeaderBytes]));
    }

    public static bool TryReadSegmentHeader(ReadOnlySpan<byte> bytes, long start, out long createdMs)
    {
        createdMs = 0;
        if (bytes.Length < SegmentHeaderBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != SegmentMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Crc32C.Compute(bytes[12..SegmentHeaderBytes])
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) != start) return false;
        createdMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
        return true;
    }

    public static void WriteBlockHeader(Span<byte> target, in BlockHeader header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, BlockMagic);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], header.Position);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], header.IndexBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], header.PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], header.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], header.IndexCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Crc32C.Compute(target[8..BlockHeaderBytes]));
    }

    /// <summary>Reads a header that must stand at a position; false where it does not.</summary>
    public static bool TryReadBlockHeader(ReadOnlySpan<byte> bytes, long position, out BlockHeader header)
    {
        header = default;
        if (bytes.Length < BlockHeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != BlockMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Crc32C.Compute(bytes[8..BlockHeaderBytes])) return false;
        header = new BlockHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]));
        return header.Position == position && header.IndexBytes > 0 && header.PayloadBytes >= 0 && header.Count > 0;
    }

    /// <summary>The first four bytes of a block, for the search behind damage.</summary>
    public static ReadOnlySpan<byte> BlockMagicBytes => "WBLK"u8;
}

/// <summary>What stands in front of a block.</summary>
/// <param name="Position">Position of the header itself.</param>
/// <param name="IndexBytes">Bytes of the index, which follows.</param>
/// <param name="PayloadBytes">Bytes of all payloads, which follow the index.</param>
/// <param name="Count">Entries.</param>
/// <param name="IndexCrc">Checksum of the index.</param>
internal readonly record struct BlockHeader(long Position, int IndexBytes, int PayloadBytes, int Count, uint IndexCrc)
{
    public long IndexPosition => Position + BlockFormat.BlockHeaderBytes;

    public long PayloadPosition => IndexPosition + IndexBytes;

    public long End => PayloadPosition + PayloadBytes;
}

/// <summary>One row of a block's index; the caller's index bytes follow it.</summary>
/// <param name="PayloadLength">Bytes of the payload.</param>
/// <param name="PayloadCrc">Its checksum.</param>
/// <param name="IndexLength">Bytes of the caller's index.</param>
internal readonly record struct BlockRow(int PayloadLength, uint PayloadCrc, int IndexLength)
{
    public int Bytes => BlockFormat.RowBytes + IndexLength;

    public static BlockRow Read(ReadOnlySpan<byte> row) => new(
        BinaryPrimitives.ReadInt32LittleEndian(row), BinaryPrimitives.ReadUInt32LittleEndian(row[4..]), BinaryPrimitives.ReadInt32LittleEndian(row[8..]));
}
