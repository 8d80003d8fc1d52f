namespace Weir.Agent.Spooling;

/// <summary>Which entries one segment of the spool holds: a range of seqs per epoch. Guarded by the lock of <see cref="SpoolBooks"/>.</summary>
internal sealed class SegmentBook(long start)
{
    private readonly List<(EpochBook Epoch, ulong First, ulong Last)> _ranges = [];

    /// <summary>First position of the segment.</summary>
    public long Start { get; } = start;

    /// <summary>The epochs with entries here, and which.</summary>
    public IReadOnlyList<(EpochBook Epoch, ulong First, ulong Last)> Ranges => _ranges;

    /// <summary>Whether everything here is settled.</summary>
    public bool IsSettled => _ranges.TrueForAll(static range => range.Epoch.Settled.ContainsAll(range.First, range.Last));

    /// <summary>Takes note of entries. Seqs of an epoch come in order, and epochs one after the other.</summary>
    public void Add(EpochBook epoch, ulong first, ulong last)
    {
        if (_ranges.Count > 0 && ReferenceEquals(_ranges[^1].Epoch, epoch)) _ranges[^1] = _ranges[^1] with { Last = last };
        else _ranges.Add((epoch, first, last));
    }

    /// <summary>Whether some of these seqs are here.</summary>
    public bool Touches(ulong epoch, ulong first, ulong last) => _ranges.Exists(range => range.Epoch.Epoch == epoch && range.First <= last && first <= range.Last);
}
