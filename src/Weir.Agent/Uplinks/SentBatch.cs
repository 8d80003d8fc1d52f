using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>A batch that has been sent, and which of its entries have no answer yet.</summary>
internal sealed class SentBatch(ulong number, EntryClass entryClass, IReadOnlyList<SpooledEntry> entries, long sentAt)
{
    // As many as a batch has that goes as soon as it is durable, a few: a list of larger ones grows.
    private const int FreshEntries = 8;

    // An answered entry's place is empty: no entry has no bytes.
    private readonly SpooledEntry[] _open = [.. entries];

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
    public List<SpooledEntry> Take(ulong epoch, IReadOnlyList<SeqRange> seqs)
    {
        var taken = new List<SpooledEntry>(Math.Min(Open, FreshEntries));
        for (int place = 0; place < _open.Length; place++)
            if (_open[place].Epoch == epoch && Names(seqs, _open[place].Seq)) TakeAt(place, taken);
        return taken;
    }

    /// <summary>Takes out the open entries at these places; all where none is named.</summary>
    public List<SpooledEntry> Take(IReadOnlyList<uint> places)
    {
        var taken = new List<SpooledEntry>(Math.Min(Open, FreshEntries));
        for (int place = 0; place < _open.Length; place++)
            if (places.Count == 0 || places.Contains((uint)place)) TakeAt(place, taken);
        return taken;
    }

    private void TakeAt(int place, List<SpooledEntry> taken)
    {
        if (_open[place].Length == 0) return;
        taken.Add(_open[place]);
        _open[place] = default;
        Open--;
    }

    private static bool Names(IReadOnlyList<SeqRange> ranges, ulong seq)
    {
        for (int i = 0; i < ranges.Count; i++)
            if (seq >= ranges[i].First && seq <= ranges[i].Last) return true;
        return false;
    }
}
