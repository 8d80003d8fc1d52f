using System.Buffers.Binary;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;

namespace Weir.Writer.Healing;

/// <summary>The bytes of a <see cref="DamageBook"/>. <c>docs/formats/damage.md</c> draws them.</summary>
internal static class DamageBookCodec
{
    /// <summary>Far above what the most rows with the longest names take.</summary>
    public const int MaxBytes = 8 << 20;

    private const ulong Magic = 0x31_47_4D_44_52_49_45_57; // "WEIRDMG1"
    private const byte FormatVersion = 1;
    private const int HeaderBytes = 13;

    /// <summary>The bytes of a book.</summary>
    public static byte[] Encode(IReadOnlyList<VoidEntries> gone, IReadOnlyList<MissingEntries> lost)
    {
        var target = new ByteWriter();
        target.U64(Magic);
        target.U8(FormatVersion);
        target.U32(0);
        target.Varint((ulong)gone.Count);
        foreach (VoidEntries row in gone)
        {
            WriteNames(target, row.Agent, row.Epoch, row.First, row.Last, row.FromMs, row.ToMs);
            target.Varint((ulong)row.Before.Live);
            target.Varint((ulong)row.Before.Backfill);
        }

        target.Varint((ulong)lost.Count);
        foreach (MissingEntries row in lost) WriteNames(target, row.Agent, row.Epoch, row.First, row.Last, row.FromMs, row.ToMs);
        Span<byte> bytes = target.WrittenFrom(0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[9..], Crc32C.Compute(bytes[HeaderBytes..]));
        return bytes.ToArray();
    }

    /// <summary>Reads a book.</summary>
    /// <exception cref="InvalidDataException">Damaged, or of a newer version.</exception>
    public static (List<VoidEntries> Void, List<MissingEntries> Lost) Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic) throw Damaged(path);
        if (bytes[8] > FormatVersion) throw new InvalidDataException($"{path} has version {bytes[8]}, this program knows up to {FormatVersion}: run the newer version that wrote it");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[9..]) != Crc32C.Compute(bytes[HeaderBytes..])) throw Damaged(path);
        var reader = new ByteReader(bytes[HeaderBytes..]);
        var gone = new List<VoidEntries>();
        for (int i = reader.Count(DamageBook.MaxRows); i > 0 && !reader.Failed; i--)
        {
            if (TryReadNames(ref reader) is not { } names) throw Damaged(path);
            gone.Add(new VoidEntries(names.Agent, names.Epoch, names.First, names.Last, new LogPositions((long)reader.Varint(), (long)reader.Varint()), names.FromMs, names.ToMs));
        }

        var lost = new List<MissingEntries>();
        for (int i = reader.Count(DamageBook.MaxRows); i > 0 && !reader.Failed; i--) lost.Add(TryReadNames(ref reader) ?? throw Damaged(path));
        return reader.Failed || reader.Remaining != 0 ? throw Damaged(path) : (gone, lost);
    }

    /// <summary>What to say of a book that cannot be read.</summary>
    public static InvalidDataException Damaged(string path) =>
        new($"{path} is damaged: restore it from a copy; or delete it, and what it had named as damaged counts as stored");

    private static void WriteNames(ByteWriter target, in AgentKey agent, ulong epoch, ulong first, ulong last, long fromMs, long toMs)
    {
        Span<byte> id = stackalloc byte[AgentId.Size];
        agent.Agent.Write(id);
        target.String(agent.Tenant);
        target.Bytes(id);
        target.U64(epoch);
        target.Varint(first);
        target.Varint(last - first);
        target.Varint((ulong)fromMs);
        target.Varint((ulong)(toMs - fromMs));
    }

    private static MissingEntries? TryReadNames(ref ByteReader reader)
    {
        string tenant = reader.String(RecordHeader.MaxNameBytes);
        if (!AgentId.TryRead(reader.Bytes(AgentId.Size), out AgentId agent)) return null;
        ulong epoch = reader.U64(), first = reader.Varint(), last = first + reader.Varint();
        long fromMs = (long)reader.Varint(), toMs = fromMs + (long)reader.Varint();
        return first == 0 || last < first || fromMs < 0 || toMs < fromMs ? null : new MissingEntries(new AgentKey(tenant, agent), epoch, first, last, fromMs, toMs, IsLost: true);
    }
}
