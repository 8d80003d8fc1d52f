namespace Weir.Agent.Spooling;

/// <summary>Entries of one epoch in one run of seqs that are being given up, and what they held.</summary>
internal sealed class LostRun
{
    private const long WindowMs = 60_000;

    private readonly SortedDictionary<long, (long Samples, ulong Digest)> _windows = [];

    /// <summary>Starts a run of entries of which only the names are known.</summary>
    public LostRun(in EntryRange range) => Range = range;

    /// <summary>Starts a run with an entry.</summary>
    public LostRun(in SpooledEntry entry)
    {
        Range = new EntryRange(entry.Epoch, entry.StartNumber, entry.Seq, entry.Seq);
        Count(entry.Header);
    }

    /// <summary>Which entries.</summary>
    public EntryRange Range { get; private set; }

    /// <summary>Samples and digest per window, from the headers.</summary>
    public IReadOnlyList<TombstoneWindow> Windows => [.. _windows.Select(static pair => new TombstoneWindow(pair.Key, pair.Value.Samples, pair.Value.Digest))];

    /// <summary>Takes in an entry that follows directly; false where it does not.</summary>
    public bool TryAdd(in SpooledEntry entry)
    {
        if (entry.Epoch != Range.Epoch || entry.Seq != Range.Last + 1) return false;
        Range = Range with { Last = entry.Seq };
        Count(entry.Header);
        return true;
    }

    // Frames close at minute boundaries: a frame lies in the window of its first tick.
    private void Count(in EntryHeader header)
    {
        if (header.Kind != EntryKind.Samples) return;
        long window = header.FirstMs - (header.FirstMs % WindowMs);
        (long samples, ulong digest) = _windows.GetValueOrDefault(window);
        _windows[window] = (samples + header.SampleCount, digest + header.Digest);
    }
}
