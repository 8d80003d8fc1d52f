using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;

namespace Weir.Agent.Tests.Spooling;

/// <summary>An entry as a test reads it out of a spool.</summary>
internal sealed record SpooledItem(SpooledEntry Entry, byte[] Bytes)
{
    public EntryHeader Header => Entry.Header;

    public ulong Epoch => Entry.Epoch;

    public ulong Seq => Entry.Seq;

    public bool IsEpochStart => Header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart };

    public ReadOnlySpan<byte> Payload => Bytes.AsSpan(Header.HeaderBytes);

    public Tombstone Tombstone => Frames.Tombstone.TryDecode(Payload)!;

    public EpochStart EpochStart => Frames.EpochStart.TryDecode(Payload)!;

    /// <summary>The entries that a tombstone names.</summary>
    public static IEnumerable<ulong> SeqsOf(Tombstone tombstone)
    {
        for (ulong seq = tombstone.FirstSeq; seq <= tombstone.LastSeq; seq++) yield return seq;
    }

    public static List<SpooledItem> ReadAll(AgentStore store)
    {
        var items = new List<SpooledItem>();
        using LogReader reader = store.OpenReader(store.Start);
        while (reader.TryRead(out LogEntry entry))
        {
            Assert.True(SpoolIndex.TryRead(entry.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header));
            var spooled = new SpooledEntry(epoch, startNumber, header, entry.Position, entry.PayloadLength);
            var bytes = new byte[entry.PayloadLength];
            SpoolRead read = store.TryRead(spooled, bytes);
            items.Add(new SpooledItem(spooled, read == SpoolRead.Whole ? bytes : []));
        }

        return items;
    }
}
