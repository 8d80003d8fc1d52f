using System.Buffers.Binary;
using System.IO.Hashing;

namespace Weir.Frames;

/// <summary>The header in front of every entry. <c>docs/formats/entry.md</c> draws its bytes.</summary>
/// <remarks>
/// The first 14 bytes (checksum, content hash, length, version) and the seq at byte 39 keep their place in every future version,
/// so that an older program can tell "newer than me" from "damaged" and ask for it later by name.
/// </remarks>
public readonly record struct EntryHeader
{
    /// <summary>The version this program writes, and the newest it reads.</summary>
    public const byte CurrentVersion = 1;

    /// <summary>Most bytes a header can take, trace context included.</summary>
    public const int MaxBytes = FixedBytes + (10 * 2) + (4 * 5) + TraceContextBytes;

    /// <summary>Bytes of an optional trace context: trace id 16, span id 8, flags 1.</summary>
    public const int TraceContextBytes = 25;

    private const int HashStart = 13;
    private const int FixedBytes = 39;
    private const byte ExplicitTimesFlag = 1;

    /// <summary>What the entry carries.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>The codec of a frame, the <see cref="ObjectKind"/> of an object, the <see cref="DeclarationKind"/> of a declaration; else 0.</summary>
    public byte Form { get; init; }

    /// <summary>Number of the entry within its epoch, from 1, gap-free.</summary>
    public required ulong Seq { get; init; }

    /// <summary>Object that a frame is decoded with, or the object that the entry holds, by <see cref="ContentId.Short"/>; else 0.</summary>
    public ulong ObjectId { get; init; }

    /// <summary>Time of the first tick, Unix ms, below 2^48; for a declaration or tombstone the time it speaks of.</summary>
    public long FirstMs { get; init; }

    /// <summary>Distance of the ticks in ms; 0 where times are explicit.</summary>
    public uint IntervalMs { get; init; }

    /// <summary>Ticks of a frame (T).</summary>
    public int Ticks { get; init; }

    /// <summary>Series of a frame (S).</summary>
    public int Series { get; init; }

    /// <summary>How many of the T x S values are missing.</summary>
    public int Missing { get; init; }

    /// <summary>Whether the payload starts with a list of times.</summary>
    public bool ExplicitTimes { get; init; }

    /// <summary>How often the agent's clock has been stepped (DESIGN: clock generation).</summary>
    public uint ClockGeneration { get; init; }

    /// <summary>Digest of the frame's samples; 0 for other kinds.</summary>
    public ulong Digest { get; init; }

    /// <summary>XxHash3 over the header (from the version on, without trace context) and the payload. Set by <see cref="EntryWriter"/>.</summary>
    public ulong ContentHash { get; init; }

    /// <summary>Whether a sampled trace context ends the header.</summary>
    public bool HasTraceContext { get; init; }

    /// <summary>Bytes of the header as read; the payload follows.</summary>
    public int HeaderBytes { get; init; }

    /// <summary>Samples in the frame, missing ones not counted.</summary>
    public int SampleCount => Kind == EntryKind.Samples ? (Ticks * Series) - Missing : 0;

    /// <summary>Time of the last tick of a frame on a grid, Unix ms; of an explicit one the first tick's.</summary>
    public long LastGridMs => Kind == EntryKind.Samples && !ExplicitTimes ? FirstMs + ((Ticks - 1L) * IntervalMs) : FirstMs;

    /// <summary>Reads and checks a whole entry: size, checksum, version, kind, limits, content hash.</summary>
    public static EntryError TryRead(ReadOnlySpan<byte> entry, out EntryHeader header)
    {
        header = default;
        if (entry.Length is < FixedBytes or > FrameLimits.MaxEntryBytes) return EntryError.Size;
        if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != Crc32C.Compute(entry[4..])) return EntryError.Crc;
        EntryError error = TryReadHeader(entry, out header);
        if (error != EntryError.None) return error;
        int hashed = header.HeaderBytes - (header.HasTraceContext ? TraceContextBytes : 0);
        return HashContent(entry[HashStart..hashed], entry[header.HeaderBytes..]) == header.ContentHash
            ? EntryError.None
            : EntryError.Contradiction;
    }

    /// <summary>Reads a header alone, from bytes whose integrity something else vouches for (a block index).</summary>
    public static EntryError TryReadHeader(ReadOnlySpan<byte> bytes, out EntryHeader header)
    {
        header = default;
        if (bytes.Length < FixedBytes) return EntryError.Size;
        int length = bytes[12];
        if (bytes[13] != CurrentVersion) return EntryError.UnknownVersion;
        if (length < FixedBytes || length > bytes.Length) return EntryError.Contradiction;
        var kind = (EntryKind)bytes[14];
        byte form = bytes[15];
        EntryError known = CheckKnown(kind, form);
        if (known != EntryError.None) return known;

        var reader = new ByteReader(bytes[FixedBytes..length]);
        header = new EntryHeader
        {
            Kind = kind,
            Form = form,
            ExplicitTimes = (bytes[16] & ExplicitTimesFlag) != 0,
            ObjectId = BinaryPrimitives.ReadUInt64LittleEndian(bytes[17..]),
            Digest = BinaryPrimitives.ReadUInt64LittleEndian(bytes[25..]),
            FirstMs = BinaryPrimitives.ReadUInt32LittleEndian(bytes[33..]) | ((long)BinaryPrimitives.ReadUInt16LittleEndian(bytes[37..]) << 32),
            ContentHash = BinaryPrimitives.ReadUInt64LittleEndian(bytes[4..]),
            HeaderBytes = length,
            Seq = reader.Varint(),
            ClockGeneration = (uint)reader.Count(int.MaxValue),
            IntervalMs = (uint)reader.Count(3_600_000),
            Ticks = reader.Count(FrameLimits.MaxTicks),
            Series = reader.Count(FrameLimits.MaxSeries),
            Missing = reader.Count(FrameLimits.MaxSamples),
        };
        bool lengthHolds = reader.Remaining is 0 or TraceContextBytes;
        header = header with { HasTraceContext = reader.Remaining == TraceContextBytes };
        return !reader.Failed && lengthHolds && (bytes[16] & ~ExplicitTimesFlag) == 0 && header.IsConsistent()
            ? EntryError.None
            : EntryError.Contradiction;
    }

    /// <summary>The seq of an entry whose checksum holds but whose version, kind or codec is not known here.</summary>
    public static ulong PeekSeq(ReadOnlySpan<byte> entry)
    {
        var reader = new ByteReader(entry[FixedBytes..]);
        return reader.Varint();
    }

    /// <summary>Bytes that this header takes when written with or without a trace context.</summary>
    internal int Write(ByteWriter target, ReadOnlySpan<byte> traceContext)
    {
        int start = target.Length;
        target.U32(0);
        target.U64(0);
        target.U8(0);
        target.U8(CurrentVersion);
        target.U8((byte)Kind);
        target.U8(Form);
        target.U8(ExplicitTimes ? ExplicitTimesFlag : (byte)0);
        target.U64(ObjectId);
        target.U64(Digest);
        target.U32((uint)FirstMs);
        target.U8((byte)(FirstMs >> 32));
        target.U8((byte)(FirstMs >> 40));
        target.Varint(Seq);
        target.Varint(ClockGeneration);
        target.Varint(IntervalMs);
        target.Varint((ulong)Ticks);
        target.Varint((ulong)Series);
        target.Varint((ulong)Missing);
        target.Bytes(traceContext);
        return target.Length - start;
    }

    /// <summary>Fills in length, content hash and checksum of an entry whose header and payload stand in place.</summary>
    internal static void Seal(Span<byte> entry, int headerBytes, int traceContextBytes)
    {
        entry[12] = (byte)headerBytes;
        ulong hash = HashContent(entry[HashStart..(headerBytes - traceContextBytes)], entry[headerBytes..]);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[4..], hash);
        BinaryPrimitives.WriteUInt32LittleEndian(entry, Crc32C.Compute(entry[4..]));
    }

    internal bool IsConsistent() => Seq != 0 && FirstMs >= 0 && FirstMs < 1L << 48 && (Kind == EntryKind.Samples
        ? Ticks > 0 && Series > 0 && (long)Ticks * Series <= FrameLimits.MaxSamples && Missing <= Ticks * Series
          && (ExplicitTimes ? IntervalMs == 0 : IntervalMs > 0 || Ticks == 1)
        : Ticks == 0 && Series == 0 && Missing == 0 && IntervalMs == 0 && Digest == 0 && !ExplicitTimes);

    private static ulong HashContent(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
        XxHash3.HashToUInt64(payload, (long)XxHash3.HashToUInt64(header));

    private static EntryError CheckKnown(EntryKind kind, byte form) => kind switch
    {
        EntryKind.Samples => form is (byte)CodecId.Plain or (byte)CodecId.Profiled ? EntryError.None : EntryError.UnknownCodec,
        EntryKind.Declaration => form is (byte)DeclarationKind.EpochStart or (byte)DeclarationKind.Window ? EntryError.None : EntryError.UnknownCodec,
        EntryKind.Object => form is (byte)ObjectKind.Template or (byte)ObjectKind.Schema or (byte)ObjectKind.Baseline ? EntryError.None : EntryError.UnknownCodec,
        EntryKind.Tombstone => form == 0 ? EntryError.None : EntryError.UnknownCodec,
        _ => EntryError.UnknownKind,
    };
}
