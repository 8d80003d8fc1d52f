using System.Buffers.Binary;
using Weir.Frames;
using Weir.Log;
using ZstdSharp;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Where a section stands in a part, with its checksum. Sections are compressed: a varint length and zstd.</summary>
internal readonly record struct PartSection(long Offset, int Length, uint Crc)
{
    /// <summary>Bytes in a footer.</summary>
    public const int Bytes = 16;

    // Measured on directories and host tables: 6 saves 5 % over 3; higher levels save less than 1 %.
    private const int CompressionLevel = 6;

    /// <summary>Writes the place.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Offset);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Crc);
    }

    /// <summary>Reads a place.</summary>
    public static PartSection Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));

    /// <summary>Compresses the bytes of a section.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> raw)
    {
        using var compressor = new Compressor(CompressionLevel);
        var target = new ByteWriter(raw.Length + 16);
        target.Varint((ulong)raw.Length);
        if (!raw.IsEmpty) target.Advance(compressor.Wrap(raw, target.Reserve(Compressor.GetCompressBound(raw.Length))));
        return target.Written.ToArray();
    }

    /// <summary>The bytes of a packed section; null where they are not, or are more than allowed.</summary>
    public static byte[]? TryUnpack(ReadOnlySpan<byte> packed, int maxBytes)
    {
        var reader = new ByteReader(packed);
        int length = reader.Count(maxBytes);
        // zstd shrinks at most about 2^17 times: a larger promise is refused before the memory is taken.
        if (reader.Failed || length / (1 << 17) > reader.Remaining) return null;
        if (length == 0) return reader.Remaining == 0 ? [] : null;
        var raw = new byte[length];
        try
        {
            using var decompressor = new Decompressor();
            return decompressor.Unwrap(reader.Rest, raw) == length ? raw : null;
        }
        catch (ZstdException)
        {
            return null;
        }
    }

    /// <summary>Reads the section and checks it; null where it is damaged.</summary>
    public byte[]? TryRead(IFile file, long end, int maxBytes)
    {
        if (Offset < PartHeader.Bytes || Length < 0 || Offset > end - Length) return null;
        var packed = new byte[Length];
        if (file.Read(Offset, packed) != packed.Length || Crc32C.Compute(packed) != Crc) return null;
        return TryUnpack(packed, maxBytes);
    }
}
