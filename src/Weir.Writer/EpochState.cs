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

    // Of an epoch that is all holes the oldest are looked after first.
    private const int MaxHoles = 1024;

    // Seq and hash beside each other: what is judged and then settled is one look into memory. Seq 0: none, agents count from 1.
    private readonly (ulong Seq, ulong Hash)[] _hashes = new (ulong, ulong)[HashesHeld];

    // Most epochs drop nothing and have nothing refused: then the sets need not be looked at.
    private bool _hasDropped;
    private bool _hasRefused;

    /// <summary>Seqs that are stored, or settled because they carry no samples.</summary>
    public SeqSet Stored { get; private init; } = new();

    /// <summary>Seqs that the agent gave up.</summary>
    public SeqSet Dropped { get; private init; } = new();

    /// <summary>Seqs of which the only copy waits in quarantine for what it is: a copy of it would too.</summary>
    public SeqSet Refused { get; private init; } = new();

    /// <summary>The highest seq that the agent is known to have given out.</summary>
    public ulong LastKnown { get; private set; }

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
        if (_hasRefused) Refused.Remove(entry.Seq);
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

    /// <summary>Records that a copy waits in quarantine; nothing where another is settled.</summary>
    public void Refuse(ulong seq)
    {
        if (Stored.Contains(seq)) return;
        Refused.Add(seq);
        _hasRefused = true;
    }

    /// <summary>The settled copy of an entry has proved damaged: the name is as if it had never come.</summary>
    public void Unsettle(ulong seq)
    {
        Stored.Remove(seq);
        LastKnown = Math.Max(LastKnown, seq);
        ref (ulong Seq, ulong Hash) held = ref _hashes[seq % HashesHeld];
        if (held.Seq == seq) held = default;
    }

    /// <summary>The agent has given out seqs up to this one.</summary>
    public void Know(ulong lastSeq) => LastKnown = Math.Max(LastKnown, lastSeq);

    /// <summary>The seqs up to the last known one of which nothing is known, the oldest <see cref="MaxHoles"/> runs of them; null where there are none.</summary>
    /// <param name="lost">Seqs that are lost for good: no holes either.</param>
    public SeqSet? Holes(SeqSet? lost = null)
    {
        ulong last = Last;
        if (last == 0 || Stored.ContainsAll(1, last)) return null;
        var holes = new SeqSet();
        ulong next = 1;
        foreach ((ulong first, ulong end) in Covered(lost).Ranges)
        {
            if (next > last || holes.Ranges.Count >= MaxHoles) break;
            if (first > next) holes.Add(next, Math.Min(first - 1, last));
            next = end + 1;
        }

        if (next <= last && holes.Ranges.Count < MaxHoles) holes.Add(next, last);
        return holes.Ranges.Count > 0 ? holes : null;
    }

    /// <summary>The seqs of an interval of which nothing is known: all of them, however many runs the epoch is missing.</summary>
    public SeqSet HolesIn(ulong first, ulong last)
    {
        var holes = new SeqSet();
        last = Math.Min(last, Last);
        if (first > last) return holes;
        holes.Add(first, last);
        foreach (SeqSet set in (ReadOnlySpan<SeqSet>)[Stored, Dropped, Refused])
        {
            foreach ((ulong from, ulong to) in set.Ranges)
            {
                if (from > last) break;
                if (to >= first) holes.Remove(from, to);
            }
        }

        return holes;
    }

    private ulong Last => Math.Max(LastKnown, Math.Max(LastOf(Stored), LastOf(Dropped)));

    // What is missing lies between these; mostly there is nothing to join.
    private SeqSet Covered(SeqSet? lost)
    {
        if (!_hasDropped && !_hasRefused && lost is null) return Stored;
        var covered = new SeqSet();
        foreach (SeqSet? set in (ReadOnlySpan<SeqSet?>)[Stored, Dropped, Refused, lost])
        {
            if (set is null) continue;
            foreach ((ulong first, ulong last) in set.Ranges) covered.Add(first, last);
        }

        return covered;
    }

    private static ulong LastOf(SeqSet set) => set.Ranges.Count > 0 ? set.Ranges[^1].Last : 0;

    /// <summary>Appends the state to a snapshot.</summary>
    public void Write(ByteWriter target)
    {
        Stored.Write(target);
        Dropped.Write(target);
        Refused.Write(target);
        target.Varint(LastKnown);
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
    /// <param name="reader">The bytes.</param>
    /// <param name="knowsRefused">Whether they say what was refused, and how far the agent is known to have come.</param>
    public static EpochState Read(ref ByteReader reader, bool knowsRefused = true)
    {
        var state = new EpochState { Stored = SeqSet.Read(ref reader), Dropped = SeqSet.Read(ref reader), Refused = knowsRefused ? SeqSet.Read(ref reader) : new SeqSet() };
        if (knowsRefused) state.LastKnown = reader.Varint();
        (state._hasDropped, state._hasRefused) = (state.Dropped.Ranges.Count > 0, state.Refused.Ranges.Count > 0);
        state.NewestMs = (long)reader.Varint();
        for (int i = reader.Count(HashesHeld); i > 0; i--)
        {
            ulong seq = reader.Varint();
            state._hashes[seq % HashesHeld] = (seq, reader.U64());
        }

        return state;
    }
}
