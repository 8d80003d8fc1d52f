using System.Buffers.Binary;
using Weir.Frames;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>The last bytes of a part: where its sections are and what it holds in all.</summary>
internal readonly record struct PartFooter
{
    /// <summary>Bytes of the footer.</summary>
    public const int Bytes = 8 + 8 + 8 + 8 + 8 + 8 + (3 * PartSection.Bytes) + 4 + 8;

    private const ulong Magic = 0x44_4E_45_52_49_45_57_50; // "PWEIREND"
    private const int CrcOffset = Bytes - 12;

    /// <summary>The part's number, as in its header.</summary>
    public required long Number { get; init; }

    /// <summary>Its event hour, as in its header.</summary>
    public required long HourMs { get; init; }

    /// <summary>Samples in it, superseded ones among them.</summary>
    public required long Samples { get; init; }

    /// <summary>Digest of its samples.</summary>
    public required ulong Digest { get; init; }

    /// <summary>Time of its first tick, Unix ms.</summary>
    public required long FirstMs { get; init; }

    /// <summary>Time of its last tick, Unix ms.</summary>
    public required long LastMs { get; init; }

    /// <summary>Templates and schemas.</summary>
    public required PartSection Objects { get; init; }

    /// <summary>The table of hosts.</summary>
    public required PartSection Hosts { get; init; }

    /// <summary>Frames that could not be decoded.</summary>
    public required PartSection UnreadableFrames { get; init; }

    /// <summary>Writes the footer.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Number);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], HourMs);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Samples);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], Digest);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], FirstMs);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], LastMs);
        Objects.Write(target[48..]);
        Hosts.Write(target[64..]);
        UnreadableFrames.Write(target[80..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[CrcOffset..], Crc32C.Compute(target[..CrcOffset]));
        BinaryPrimitives.WriteUInt64LittleEndian(target[(CrcOffset + 4)..], Magic);
    }

    /// <summary>Reads a footer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out PartFooter footer)
    {
        footer = default;
        if (bytes.Length != Bytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes[(CrcOffset + 4)..]) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Compute(bytes[..CrcOffset])) return false;
        footer = new PartFooter
        {
            Number = BinaryPrimitives.ReadInt64LittleEndian(bytes),
            HourMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            Samples = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            Digest = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            FirstMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            LastMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            Objects = PartSection.Read(bytes[48..]),
            Hosts = PartSection.Read(bytes[64..]),
            UnreadableFrames = PartSection.Read(bytes[80..]),
        };
        return true;
    }
}
