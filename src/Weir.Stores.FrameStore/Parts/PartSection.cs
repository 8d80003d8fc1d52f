using System.Buffers.Binary;
using Weir.Frames;
using Weir.Log;

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
        var target = new ByteWriter(raw.Length + 16);
        PackedBytes.Pack(target, raw, CompressionLevel);
        return target.Written.ToArray();
    }

    /// <summary>Reads the section, checks and unpacks it; null where it is damaged.</summary>
    public byte[]? TryRead(IFile file, long end, int maxBytes) => TryReadBytes(file, end) is { } packed ? PackedBytes.TryUnpack(packed, maxBytes) : null;

    /// <summary>Reads the bytes as they stand and checks them; null where they have changed, or do not lie before <paramref name="end"/>.</summary>
    public byte[]? TryReadBytes(IFile file, long end)
    {
        if (Offset < PartHeader.Bytes || Length < 0 || Offset > end - Length) return null;
        var bytes = new byte[Length];
        return file.Read(Offset, bytes) == bytes.Length && Crc32C.Compute(bytes) == Crc ? bytes : null;
    }
}
