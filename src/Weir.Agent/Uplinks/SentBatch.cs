using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>A batch that has been sent, and which of its entries have no answer yet.</summary>
internal sealed class SentBatch(ulong number, EntryClass entryClass, IReadOnlyList<SpooledEntry> entries, long sentAt)
{
    private readonly SpooledEntry?[] _open = [.. entries.Select(static entry => (SpooledEntry?)entry)];

    /// <summary>Its number on the stream.</summary>
    public ulong Number { get; } = number;

    /// <summary>The class it went into.</summary>
    public EntryClass Class { get; } = entryClass;

    /// <summary>When it was sent, in the clock's timestamps.</summary>
    public long SentAt { get; } = sentAt;

    /// <summary>Whether an entry of it was answered otherwise than by an ack: how long it took says nothing about the link, then.</summary>
    public bool WasRefused { get; set; }

    /// <summary>Entries without an answer.</summary>
    public int Open { get; private set; } = entries.Count;

    /// <summary>Takes out the open entries of an epoch with these seqs.</summary>
    public List<SpooledEntry> Take(ulong epoch, IReadOnlyList<SeqRange> seqs) => Take((entry, _) => entry.Epoch == epoch && Names(seqs, entry.Seq));

    /// <summary>Takes out the open entries at these places; all where none is named.</summary>
    public List<SpooledEntry> Take(IReadOnlyList<uint> places) => Take((_, place) => places.Count == 0 || places.Contains((uint)place));

    private List<SpooledEntry> Take(Func<SpooledEntry, int, bool> isNamed)
    {
        var taken = new List<SpooledEntry>();
        for (int i = 0; i < _open.Length; i++)
        {
            if (_open[i] is not { } entry || !isNamed(entry, i)) continue;
            _open[i] = null;
            Open--;
            taken.Add(entry);
        }

        return taken;
    }

    private static bool Names(IReadOnlyList<SeqRange> ranges, ulong seq)
    {
        foreach (SeqRange range in ranges)
            if (seq >= range.First && seq <= range.Last) return true;
        return false;
    }
}
