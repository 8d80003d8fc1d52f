using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>Which entries one segment of the spool holds: a range of seqs per epoch.</summary>
internal sealed class SegmentBook(long start)
{
    private readonly List<(EpochBook Epoch, ulong First, ulong Last)> _ranges = [];

    /// <summary>First position of the segment.</summary>
    public long Start { get; } = start;

    /// <summary>The epochs with entries here.</summary>
    public IEnumerable<EpochBook> Epochs => _ranges.Select(static range => range.Epoch);

    /// <summary>Takes note of an entry. Seqs of an epoch come in order.</summary>
    public void Add(EpochBook epoch, ulong seq)
    {
        if (_ranges.Count > 0 && ReferenceEquals(_ranges[^1].Epoch, epoch)) _ranges[^1] = _ranges[^1] with { Last = seq };
        else _ranges.Add((epoch, seq, seq));
    }

    /// <summary>Whether everything here is settled.</summary>
    public bool IsSettled()
    {
        foreach ((EpochBook epoch, ulong first, ulong last) in _ranges)
            if (!epoch.Settled.ContainsAll(first, last)) return false;
        return true;
    }
}
