using System.Buffers.Binary;
using Weir.Frames;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>The first bytes of a part: which it is.</summary>
/// <param name="Number">Its number in the partition.</param>
/// <param name="HourMs">First millisecond of its event hour.</param>
internal readonly record struct PartHeader(long Number, long HourMs)
{
    /// <summary>Bytes of the header.</summary>
    public const int Bytes = 32;

    private const ulong Magic = 0x31_54_52_50_52_49_45_57; // "WEIRPRT1"
    private const int CrcOffset = 28;

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> target)
    {
        target[..Bytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        target[8] = PartFormat.Version;
        BinaryPrimitives.WriteInt64LittleEndian(target[12..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(target[20..], HourMs);
        BinaryPrimitives.WriteUInt32LittleEndian(target[CrcOffset..], Crc32C.Compute(target[..CrcOffset]));
    }

    /// <summary>Reads a header.</summary>
    public static PartDamage TryRead(ReadOnlySpan<byte> bytes, out PartHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic) return PartDamage.Header;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Compute(bytes[..CrcOffset])) return PartDamage.Header;
        if (bytes[8] > PartFormat.Version) return PartDamage.Newer;
        header = new PartHeader(BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]));
        bool inOrder = header.Number > 0 && header.HourMs >= 0 && header.HourMs < 1L << 48 && header.HourMs % PartFormat.HourMs == 0;
        return inOrder && bytes[8] == PartFormat.Version && bytes[9..12].IndexOfAnyExcept((byte)0) < 0 ? PartDamage.None : PartDamage.Header;
    }
}
