namespace Weir.Agent.Spooling;

/// <summary>Entries of one epoch in one run of seqs that are being given up, and what they held.</summary>
internal sealed class LostRun
{
    private const long WindowMs = 60_000;

    // Two weeks of minutes: with them a tombstone takes a third of the largest entry.
    private const int MaxWindows = 20_000;

    private readonly SortedDictionary<long, (long Samples, ulong Digest)> _windows = [];

    /// <summary>Starts a run of entries of which only the names are known.</summary>
    public LostRun(in EntryRange range, DropReason reason)
    {
        (Range, Reason, IsNamesOnly) = (range, reason, true);
        Fresh = range.Last - range.First + 1;
    }

    /// <summary>Starts a run with an entry.</summary>
    public LostRun(in SpooledEntry entry, DropReason reason)
    {
        (Range, Reason, Fresh) = (new EntryRange(entry.Epoch, entry.StartNumber, entry.Seq, entry.Seq), reason, 1);
        Count(entry.Header);
    }

    /// <summary>Starts with what a tombstone declared before.</summary>
    public LostRun(Tombstone declared)
    {
        (Range, Reason, IsNamesOnly) = (new EntryRange(declared.Epoch, 0, declared.FirstSeq, declared.LastSeq), declared.Reason, declared.IsNamesOnly);
        foreach (TombstoneWindow window in declared.Windows) Count(window.WindowMs, window.Samples, window.Digest);
    }

    private LostRun(LostRun other)
    {
        (Range, Reason, IsNamesOnly, Fresh) = (other.Range, other.Reason, other.IsNamesOnly, other.Fresh);
        _windows = new SortedDictionary<long, (long, ulong)>(other._windows);
    }

    /// <summary>Which entries.</summary>
    public EntryRange Range { get; private set; }

    /// <summary>Why.</summary>
    public DropReason Reason { get; }

    /// <summary>Whether only the names are known.</summary>
    public bool IsNamesOnly { get; }

    /// <summary>How many of them no tombstone has declared before.</summary>
    public ulong Fresh { get; private set; }

    /// <summary>The tombstone that declares the run.</summary>
    public Tombstone ToTombstone() => new()
    {
        Epoch = Range.Epoch,
        FirstSeq = Range.First,
        LastSeq = Range.Last,
        Reason = Reason,
        IsNamesOnly = IsNamesOnly,
        Windows = [.. _windows.Select(static pair => new TombstoneWindow(pair.Key, pair.Value.Samples, pair.Value.Digest))],
    };

    /// <summary>Takes in an entry that follows directly; false where it does not.</summary>
    public bool TryAdd(in SpooledEntry entry)
    {
        if (entry.Epoch != Range.Epoch || entry.Seq != Range.Last + 1 || _windows.Count >= MaxWindows) return false;
        Range = Range with { Last = entry.Seq };
        Fresh++;
        Count(entry.Header);
        return true;
    }

    /// <summary>Joins runs that follow each other, and leaves out those that lie within another: many losses in a row become one. What is counted stays apart from what is not.</summary>
    public static List<LostRun> Join(IEnumerable<LostRun> runs)
    {
        var joined = new List<LostRun>();
        foreach (LostRun run in runs.OrderBy(static run => run.Range.Epoch).ThenBy(static run => run.Reason).ThenBy(static run => run.IsNamesOnly)
            .ThenBy(static run => run.Range.First).ThenByDescending(static run => run.Range.Last))
        {
            if (joined.Count == 0 || !joined[^1].TryJoin(run)) joined.Add(new LostRun(run));
        }

        return joined.FindAll(run => !run.IsNamesOnly || !joined.Exists(counted => !counted.IsNamesOnly && run.Range.IsWithin(counted.Range)));
    }

    private bool TryJoin(LostRun next)
    {
        if (next.Range.Epoch != Range.Epoch || next.Reason != Reason || next.IsNamesOnly != IsNamesOnly) return false;
        if (next.Range.Last <= Range.Last) return true;
        if (next.Range.First != Range.Last + 1 || _windows.Count + next._windows.Count > MaxWindows) return false;
        Range = Range with { Last = next.Range.Last };
        Fresh += next.Fresh;
        foreach ((long window, (long samples, ulong digest)) in next._windows) Count(window, samples, digest);
        return true;
    }

    // Frames close at minute boundaries: a frame lies in the window of its first tick.
    private void Count(in EntryHeader header)
    {
        if (header.Kind == EntryKind.Samples) Count(header.FirstMs - (header.FirstMs % WindowMs), header.SampleCount, header.Digest);
    }

    private void Count(long window, long samples, ulong digest)
    {
        (long before, ulong sum) = _windows.GetValueOrDefault(window);
        _windows[window] = (before + samples, sum + digest);
    }
}
