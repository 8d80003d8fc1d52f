using System.Buffers.Binary;
using System.Text;
using Weir.Frames;

namespace Weir.Log;

/// <summary>What the gateway says about a run of entries: the head of a record.</summary>
/// <remarks>All but version, tenant and agent id have defaults. <c>docs/formats/record.md</c> draws the bytes.</remarks>
public readonly record struct RecordHeader
{
    /// <summary>The version this program writes, and the newest it reads.</summary>
    public const byte CurrentVersion = 1;

    /// <summary>Most UTF-8 bytes of tenant, region and gateway id.</summary>
    public const int MaxNameBytes = 128;

    private const int FixedBytes = 46;
    private const byte RehearsalFlag = 1;

    // The names read last: the next record's are nearly always the same, and need not be made anew.
    [ThreadStatic]
    private static Name? _lastTenant;

    [ThreadStatic]
    private static Name? _lastRegion;

    [ThreadStatic]
    private static Name? _lastGateway;

    /// <summary>Begins with the defaults.</summary>
    public RecordHeader()
    {
    }

    /// <summary>Whose data, from the authenticated identity, never from a field of the sender.</summary>
    public required string Tenant { get; init; }

    /// <summary>The authenticated agent.</summary>
    public required AgentId AgentId { get; init; }

    /// <summary>The epoch of all entries in the record.</summary>
    public ulong Epoch { get; init; }

    /// <summary>The start number that belongs to the epoch.</summary>
    public uint StartNumber { get; init; }

    /// <summary>What kind of traffic this is.</summary>
    public BusinessLine Line { get; init; }

    /// <summary>Who made the samples.</summary>
    public SourceKind Source { get; init; }

    /// <summary>When the gateway received the entries, Unix ms.</summary>
    public long ReceivedMs { get; init; }

    /// <summary>Region that took the record in; empty where there are none.</summary>
    public string Region { get; init; } = "";

    /// <summary>The gateway that took the record in.</summary>
    public string GatewayId { get; init; } = "";

    /// <summary>Whether the record belongs to a rehearsal and must not reach production stores.</summary>
    public bool Rehearsal { get; init; }

    /// <summary>Appends the header's bytes.</summary>
    public void Write(ByteWriter target)
    {
        int start = target.Length;
        Span<byte> id = stackalloc byte[AgentId.Size];
        AgentId.Write(id);
        target.U32(0);
        target.U8(0);
        target.U8(0);
        target.U8(CurrentVersion);
        target.U8(Rehearsal ? RehearsalFlag : (byte)0);
        target.Bytes(id);
        target.U64(Epoch);
        target.U32(StartNumber);
        target.U8((byte)Line);
        target.U8((byte)Source);
        target.U64((ulong)ReceivedMs);
        target.String(Tenant);
        target.String(Region);
        target.String(GatewayId);
        Span<byte> header = target.WrittenFrom(start);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)header.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Crc32C.Compute(header[4..]));
    }

    /// <summary>Reads a header from the start of a record or of its index.</summary>
    /// <param name="bytes">Record or index bytes.</param>
    /// <param name="header">The header.</param>
    /// <param name="length">Bytes of the header; the rest follows.</param>
    /// <returns>False where the bytes are damaged or of a newer version.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RecordHeader header, out int length)
    {
        header = default;
        length = 0;
        if (bytes.Length < FixedBytes) return false;
        int headerBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (headerBytes < FixedBytes || headerBytes > bytes.Length) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C.Compute(bytes[4..headerBytes]) || bytes[6] != CurrentVersion) return false;
        if (!AgentId.TryRead(bytes.Slice(8, AgentId.Size), out AgentId agent)) return false;
        var reader = new ByteReader(bytes[FixedBytes..headerBytes]);
        header = new RecordHeader
        {
            AgentId = agent,
            Rehearsal = (bytes[7] & RehearsalFlag) != 0,
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            StartNumber = BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            Line = (BusinessLine)bytes[36],
            Source = (SourceKind)bytes[37],
            ReceivedMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[38..]),
            Tenant = ReadName(ref reader, ref _lastTenant),
            Region = ReadName(ref reader, ref _lastRegion),
            GatewayId = ReadName(ref reader, ref _lastGateway),
        };
        length = headerBytes;
        return !reader.Failed && reader.Remaining == 0;
    }

    private static string ReadName(ref ByteReader reader, ref Name? last)
    {
        ReadOnlySpan<byte> rest = reader.Rest;
        // A length below 128 is one byte.
        if (last is { } known && rest.Length > known.Utf8.Length && rest[0] == known.Utf8.Length && rest.Slice(1, known.Utf8.Length).SequenceEqual(known.Utf8))
        {
            reader.Bytes(1 + known.Utf8.Length);
            return known.Text;
        }

        string text = reader.String(MaxNameBytes);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        if (!reader.Failed && utf8.Length < 128) last = new Name(utf8, text);
        return text;
    }

    private sealed record Name(byte[] Utf8, string Text);
}
