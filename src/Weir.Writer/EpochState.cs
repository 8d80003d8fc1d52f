using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>Which entries of one agent and epoch are settled, and enough of their contents to tell a duplicate from a conflict.</summary>
/// <remarks>
/// A known name is a duplicate if its content hash is equal, or if its hash is no longer held and its times do not lie beyond the
/// newest time; otherwise two machines share an identity. Stored wins over dropped, in either order. Not thread-safe.
/// </remarks>
internal sealed class EpochState
{
    /// <summary>Content hashes held per epoch: those of the newest seqs.</summary>
    public const int HashesHeld = 256;

    // Seq and hash beside each other: what is judged and then settled is one look into memory. Seq 0: none, agents count from 1.
    private readonly (ulong Seq, ulong Hash)[] _hashes = new (ulong, ulong)[HashesHeld];

    // Most epochs drop nothing: then the set need not be looked at.
    private bool _hasDropped;

    /// <summary>Seqs that are stored, or settled because they carry no samples.</summary>
    public SeqSet Stored { get; private init; } = new();

    /// <summary>Seqs that the agent gave up.</summary>
    public SeqSet Dropped { get; private init; } = new();

    /// <summary>Newest sample time seen, Unix ms.</summary>
    public long NewestMs { get; private set; }

    /// <summary>Judges an entry by its name and content, without changing anything.</summary>
    public Verdict Judge(in EntryHeader entry, long lastMs)
    {
        if (!Stored.Contains(entry.Seq)) return Verdict.New;
        int slot = (int)(entry.Seq % HashesHeld);
        if (_hashes[slot].Seq == entry.Seq) return _hashes[slot].Hash == entry.ContentHash ? Verdict.Duplicate : Verdict.Conflict;
        return lastMs <= NewestMs ? Verdict.Duplicate : Verdict.Conflict;
    }

    /// <summary>Records that an entry has its final place.</summary>
    public void Settle(in EntryHeader entry, long lastMs)
    {
        Stored.Add(entry.Seq);
        if (_hasDropped) Dropped.Remove(entry.Seq);
        if (entry.Kind == EntryKind.Samples) NewestMs = Math.Max(NewestMs, lastMs);
        int slot = (int)(entry.Seq % HashesHeld);
        if (entry.Seq >= _hashes[slot].Seq) _hashes[slot] = (entry.Seq, entry.ContentHash);
    }

    /// <summary>Records that the agent gave up a range; what is stored stays stored.</summary>
    public void Drop(ulong first, ulong last)
    {
        Dropped.Add(first, last);
        _hasDropped = true;
    }

    /// <summary>Appends the state to a snapshot.</summary>
    public void Write(ByteWriter target)
    {
        Stored.Write(target);
        Dropped.Write(target);
        target.Varint((ulong)NewestMs);
        target.Varint((ulong)_hashes.Count(static held => held.Seq != 0));
        foreach ((ulong seq, ulong hash) in _hashes)
        {
            if (seq == 0) continue;
            target.Varint(seq);
            target.U64(hash);
        }
    }

    /// <summary>Reads a state from a snapshot.</summary>
    public static EpochState Read(ref ByteReader reader)
    {
        var state = new EpochState { Stored = SeqSet.Read(ref reader), Dropped = SeqSet.Read(ref reader) };
        state._hasDropped = state.Dropped.Ranges.Count > 0;
        state.NewestMs = (long)reader.Varint();
        for (int i = reader.Count(HashesHeld); i > 0; i--)
        {
            ulong seq = reader.Varint();
            state._hashes[seq % HashesHeld] = (seq, reader.U64());
        }

        return state;
    }
}
