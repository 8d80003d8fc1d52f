using System.Buffers.Binary;
using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>The one file of a partition that says which parts count and where in the log the rest begins. <c>docs/formats/manifest.md</c> draws it.</summary>
/// <param name="Number">Counts replacements, from 1.</param>
/// <param name="Progress">Log positions and the writer's snapshot there.</param>
internal sealed record Manifest(ulong Number, StoreProgress Progress)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "MANIFEST";

    private const ulong Magic = 0x31_4E_41_4D_52_49_45_57; // "WEIRMAN1"
    private const byte FormatVersion = 1;
    private const int CrcOffset = 13;
    private const int HeaderBytes = 17;

    /// <summary>The bytes of the file.</summary>
    public byte[] Encode()
    {
        var target = new ByteWriter(HeaderBytes + 64 + Progress.Snapshot.Length);
        target.U64(Magic);
        target.U8(FormatVersion);
        target.U32(0);
        target.U32(0);
        target.Varint(Number);
        target.Varint((ulong)Progress.Positions.Live);
        target.Varint((ulong)Progress.Positions.Backfill);
        // Parts: none in this version of the format's writer; a reader that meets some is too old for them.
        target.Varint(0);
        target.Varint((ulong)Progress.Snapshot.Length);
        target.Bytes(Progress.Snapshot.Span);
        Span<byte> bytes = target.WrittenFrom(0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[9..], (uint)(bytes.Length - HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Checksum(bytes));
        return bytes.ToArray();
    }

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="StoreFormatException">Damaged, or of a newer version.</exception>
    public static Manifest Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic) throw StoreFormatException.Damaged(path);
        if (bytes[8] > FormatVersion) throw StoreFormatException.Newer(path, bytes[8], FormatVersion);
        ReadOnlySpan<byte> body = bytes[HeaderBytes..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[9..]) != body.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Checksum(bytes)) throw StoreFormatException.Damaged(path);
        var reader = new ByteReader(body);
        ulong number = reader.Varint();
        var positions = new LogPositions((long)reader.Varint(), (long)reader.Varint());
        if (reader.Varint() != 0) throw StoreFormatException.Newer(path, bytes[8], FormatVersion);
        ReadOnlySpan<byte> snapshot = reader.Bytes(reader.Count(int.MaxValue));
        if (reader.Failed || reader.Remaining != 0) throw StoreFormatException.Damaged(path);
        return new Manifest(number, new StoreProgress(positions, snapshot.ToArray()));
    }

    // Over everything but itself.
    private static uint Checksum(ReadOnlySpan<byte> bytes) => Crc32C.Compute(bytes[HeaderBytes..], Crc32C.Compute(bytes[..CrcOffset]));
}
