using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>A frame that could not be decoded when its log was sealed: its bytes are kept as they were, so that it can be repaired later.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Agent">Of which host.</param>
/// <param name="Rank">Its name (epoch, seq) and precedence.</param>
/// <param name="LogClass">Class of the log in which it stood.</param>
/// <param name="Position">Where it stood.</param>
/// <param name="Reason">What failed.</param>
/// <param name="Offset">Where its bytes stand in the part.</param>
/// <param name="Length">How many.</param>
/// <param name="Crc">CRC-32C of the bytes as they are.</param>
internal sealed record UnreadableFrame(
    string Tenant, AgentId Agent, FrameRank Rank, LogClass LogClass, long Position, string Reason, long Offset, int Length, uint Crc)
{
    private const int MaxReasonBytes = 64;

    /// <summary>The bytes of the section.</summary>
    public static byte[] WriteList(IReadOnlyList<UnreadableFrame> frames)
    {
        var target = new ByteWriter();
        Span<byte> id = stackalloc byte[AgentId.Size];
        target.Varint((ulong)frames.Count);
        foreach (UnreadableFrame frame in frames)
        {
            frame.Agent.Write(id);
            target.String(frame.Tenant);
            target.Bytes(id);
            target.Varint(frame.Rank.ClockGeneration);
            target.Varint(frame.Rank.StartNumber);
            target.U64(frame.Rank.Epoch);
            target.Varint(frame.Rank.Seq);
            target.U8((byte)frame.LogClass);
            target.Varint((ulong)frame.Position);
            target.String(frame.Reason);
            target.Varint((ulong)frame.Offset);
            target.Varint((ulong)frame.Length);
            target.U32(frame.Crc);
        }

        return target.Written.ToArray();
    }

    /// <summary>Reads the section; null where it is malformed.</summary>
    public static List<UnreadableFrame>? TryReadList(ReadOnlySpan<byte> raw)
    {
        var reader = new ByteReader(raw);
        var frames = new List<UnreadableFrame>();
        for (int i = reader.Count(raw.Length); i > 0; i--)
        {
            string tenant = reader.String(RecordHeader.MaxNameBytes);
            if (!AgentId.TryRead(reader.Bytes(AgentId.Size), out AgentId agent)) return null;
            uint generation = (uint)reader.Count(int.MaxValue);
            var rank = new FrameRank(generation, (uint)reader.Varint(), 0, reader.U64());
            rank = rank with { Seq = reader.Varint() };
            var logClass = (LogClass)reader.U8();
            long position = (long)reader.Varint();
            string reason = reader.String(MaxReasonBytes);
            frames.Add(new UnreadableFrame(tenant, agent, rank, logClass, position, reason, (long)reader.Varint(), reader.Count(FrameLimits.MaxEntryBytes), reader.U32()));
        }

        return reader.Failed || reader.Remaining != 0 ? null : frames;
    }
}
