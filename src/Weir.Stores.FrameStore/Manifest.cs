using System.Buffers.Binary;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>The one file of a partition that says which parts count and where in the log the rest begins. <c>docs/formats/manifest.md</c> draws it.</summary>
/// <param name="Number">Counts replacements, from 1.</param>
/// <param name="Progress">Log positions and the writer's snapshot there.</param>
/// <param name="Parts">The parts, in order of their numbers.</param>
/// <param name="NextPart">The number of the next part: above that of every part there has ever been.</param>
internal sealed record Manifest(ulong Number, StoreProgress Progress, IReadOnlyList<PartInfo> Parts, long NextPart)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "MANIFEST";

    private const ulong Magic = 0x31_4E_41_4D_52_49_45_57; // "WEIRMAN1"
    private const byte FormatVersion = 2;
    private const int CrcOffset = 13;
    private const int HeaderBytes = 17;
    private const int MaxParts = 10_000_000;
    private const int MaxExclusions = 1_000_000;

    /// <summary>The manifest of a new partition.</summary>
    public static Manifest Empty { get; } = new(0, new StoreProgress(default, default), [], 1);

    /// <summary>The bytes of the file.</summary>
    public byte[] Encode()
    {
        var target = new ByteWriter(HeaderBytes + 64 + Progress.Snapshot.Length + (Parts.Count * 64));
        target.U64(Magic);
        target.U8(FormatVersion);
        target.U32(0);
        target.U32(0);
        target.Varint(Number);
        target.Varint((ulong)Progress.Positions.Live);
        target.Varint((ulong)Progress.Positions.Backfill);
        target.Varint((ulong)NextPart);
        target.Varint((ulong)Parts.Count);
        foreach (PartInfo part in Parts) Write(target, part);
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
        // Version 1 had no parts, and a place for their count.
        long nextPart = bytes[8] == 1 ? 1 : (long)reader.Varint();
        int count = reader.Count(MaxParts);
        if (bytes[8] == 1 && count != 0) throw StoreFormatException.Damaged(path);
        var parts = new List<PartInfo>();
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            PartInfo? part = TryReadPart(ref reader);
            if (part is null || part.Number >= nextPart || (parts.Count > 0 && parts[^1].Number >= part.Number)) throw StoreFormatException.Damaged(path);
            parts.Add(part);
        }

        ReadOnlySpan<byte> snapshot = reader.Bytes(reader.Count(int.MaxValue));
        if (reader.Failed || reader.Remaining != 0 || nextPart < 1) throw StoreFormatException.Damaged(path);
        return new Manifest(number, new StoreProgress(positions, snapshot.ToArray()), parts, nextPart);
    }

    private static void Write(ByteWriter target, PartInfo part)
    {
        target.Varint((ulong)part.Number);
        target.Varint((ulong)(part.HourMs / PartFormat.HourMs));
        target.Varint((ulong)part.MadeMs);
        target.Varint((ulong)part.Bytes);
        target.Varint((ulong)part.Samples);
        target.U64(part.Digest);
        target.Varint((ulong)(part.FirstMs - part.HourMs));
        target.Varint((ulong)(part.LastMs - part.FirstMs));
        target.Varint((ulong)part.Exclusions.Count);
        Span<byte> id = stackalloc byte[AgentId.Size];
        foreach (Exclusion exclusion in part.Exclusions)
        {
            exclusion.Agent.Write(id);
            target.String(exclusion.Tenant);
            target.Bytes(id);
            target.U64(exclusion.SeriesHash);
            target.Varint((ulong)exclusion.FromMs);
            target.Varint((ulong)exclusion.ToMs);
        }
    }

    private static PartInfo? TryReadPart(ref ByteReader reader)
    {
        long number = (long)reader.Varint();
        ulong hour = reader.Varint();
        long made = (long)reader.Varint(), bytes = (long)reader.Varint(), samples = (long)reader.Varint();
        ulong digest = reader.U64();
        int first = reader.Count((int)PartFormat.HourMs - 1), span = reader.Count((int)PartFormat.HourMs - 1);
        if (reader.Failed || number < 1 || hour >= (1UL << 48) / PartFormat.HourMs || first + span >= PartFormat.HourMs) return null;
        var exclusions = new List<Exclusion>();
        for (int i = reader.Count(MaxExclusions); i > 0; i--)
        {
            string tenant = reader.String(RecordHeader.MaxNameBytes);
            if (!AgentId.TryRead(reader.Bytes(AgentId.Size), out AgentId agent)) return null;
            exclusions.Add(new Exclusion(tenant, agent, reader.U64(), (long)reader.Varint(), (long)reader.Varint()));
        }

        long hourMs = (long)hour * PartFormat.HourMs;
        return reader.Failed ? null : new PartInfo
        {
            Number = number, HourMs = hourMs, MadeMs = made, Bytes = bytes, Samples = samples, Digest = digest,
            FirstMs = hourMs + first, LastMs = hourMs + first + span, Exclusions = exclusions,
        };
    }

    // Over everything but itself.
    private static uint Checksum(ReadOnlySpan<byte> bytes) => Crc32C.Compute(bytes[HeaderBytes..], Crc32C.Compute(bytes[..CrcOffset]));
}
