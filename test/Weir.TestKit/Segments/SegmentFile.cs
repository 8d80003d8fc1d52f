using System.Buffers.Binary;
using Weir.Frames;

namespace Weir.TestKit.Segments;

/// <summary>Reads a segment file by what <c>docs/formats/log.md</c> says of its bytes, and by none of the product's code for it.</summary>
public static class SegmentFile
{
    private const int HeaderBytes = 32;
    private const int RowBytes = 12;
    private const uint BlockMagic = 0x4B_4C_42_57; // "WBLK"

    /// <summary>The entries whose checksums hold; what is torn or damaged is stepped over.</summary>
    public static IEnumerable<SegmentItem> Read(string path)
    {
        byte[] bytes = ReadBytes(path);
        for (int at = HeaderBytes; at + HeaderBytes <= bytes.Length;)
        {
            if (!TryReadBlock(bytes, at, out List<SegmentItem> items, out int end))
            {
                at++;
                continue;
            }

            foreach (SegmentItem item in items) yield return item;
            at = end;
        }
    }

    private static byte[] ReadBytes(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    private static bool TryReadBlock(byte[] bytes, int at, out List<SegmentItem> items, out int end)
    {
        (items, end) = ([], at);
        ReadOnlySpan<byte> block = bytes.AsSpan(at);
        if (BinaryPrimitives.ReadUInt32LittleEndian(block) != BlockMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(block[4..]) != Crc32C.Compute(block[8..HeaderBytes])) return false;
        int indexBytes = BinaryPrimitives.ReadInt32LittleEndian(block[16..]), payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(block[20..]);
        int count = BinaryPrimitives.ReadInt32LittleEndian(block[24..]), payloadAt = at + HeaderBytes + indexBytes;
        if (payloadAt > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(block[28..]) != Crc32C.Compute(block.Slice(HeaderBytes, indexBytes))) return false;
        ReadOnlySpan<byte> rows = block.Slice(HeaderBytes, indexBytes);
        for (end = payloadAt + payloadBytes; count > 0; count--)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rows), index = BinaryPrimitives.ReadInt32LittleEndian(rows[8..]);
            uint crc = BinaryPrimitives.ReadUInt32LittleEndian(rows[4..]);
            if (payloadAt + length <= bytes.Length && Crc32C.Compute(bytes.AsSpan(payloadAt, length)) == crc)
                items.Add(new SegmentItem(payloadAt, rows.Slice(RowBytes, index).ToArray(), bytes[payloadAt..(payloadAt + length)]));
            payloadAt += length;
            rows = rows[(RowBytes + index)..];
        }

        return true;
    }
}
