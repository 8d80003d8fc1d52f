using System.Buffers.Binary;
using System.IO.Compression;
using ZstdSharp;

namespace Weir.TestKit.Bombs;

/// <summary>Small inputs that unfold to more than a gibibyte.</summary>
public static class Bomb
{
    /// <summary>What each unfolds to.</summary>
    public const long UnfoldedBytes = (1L << 30) + BlockBytes;

    private const int BlockBytes = 128 * 1024;

    /// <summary>A zstd frame of 33 KB: blocks that repeat one byte, each as long as a block may be.</summary>
    /// <param name="saysSize">Whether its header says how large it becomes.</param>
    public static byte[] Zstd(bool saysSize = true)
    {
        using var frame = new MemoryStream();
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(number, 0xFD2FB528);
        frame.Write(number[..4]);
        // A content size of 8 bytes; then a window of 128 KiB.
        frame.WriteByte(saysSize ? (byte)0xC0 : (byte)0);
        frame.WriteByte(7 << 3);
        if (saysSize)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, UnfoldedBytes);
            frame.Write(number);
        }

        long blocks = UnfoldedBytes / BlockBytes;
        for (long i = 1; i <= blocks; i++)
        {
            // Last, type 1 (repeat), size.
            int header = (i == blocks ? 1 : 0) | (1 << 1) | (BlockBytes << 3);
            frame.Write([(byte)header, (byte)(header >> 8), (byte)(header >> 16), 0]);
        }

        return frame.ToArray();
    }

    /// <summary>A gzip member of about 1 MB.</summary>
    public static byte[] Gzip()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[BlockBytes];
            for (long done = 0; done < UnfoldedBytes; done += zeros.Length) gzip.Write(zeros);
        }

        return packed.ToArray();
    }

    /// <summary>How many bytes a zstd frame unfolds to, for who does not believe it.</summary>
    public static long UnfoldZstd(byte[] frame)
    {
        using var stream = new DecompressionStream(new MemoryStream(frame));
        var buffer = new byte[BlockBytes];
        long unfolded = 0;
        for (int read; (read = stream.Read(buffer)) > 0;) unfolded += read;
        return unfolded;
    }
}
