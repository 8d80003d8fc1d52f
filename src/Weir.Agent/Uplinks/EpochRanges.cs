using Weir.Log;

namespace Weir.Agent.Uplinks;

/// <summary>Entries of several epochs, as intervals of seqs. Not thread-safe.</summary>
internal sealed class EpochRanges
{
    private readonly Dictionary<ulong, SeqSet> _sets = [];

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => _sets.Count == 0;

    /// <summary>An epoch with entries, and its lowest and highest seq. Not to be asked of an empty set.</summary>
    public (ulong Epoch, ulong First, ulong Last) Any
    {
        get
        {
            (ulong epoch, SeqSet seqs) = _sets.First();
            return (epoch, seqs.Ranges[0].First, seqs.Ranges[^1].Last);
        }
    }

    /// <summary>Whether an entry is in it.</summary>
    public bool Contains(ulong epoch, ulong seq) => _sets.TryGetValue(epoch, out SeqSet? seqs) && seqs.Contains(seq);

    /// <summary>Whether any entry of an epoch is in it.</summary>
    public bool Has(ulong epoch) => _sets.ContainsKey(epoch);

    /// <summary>Adds entries.</summary>
    public void Add(ulong epoch, ulong first, ulong last)
    {
        if (!_sets.TryGetValue(epoch, out SeqSet? seqs)) _sets[epoch] = seqs = new SeqSet();
        seqs.Add(first, last);
    }

    /// <summary>Adds all of another set.</summary>
    public void Add(EpochRanges other)
    {
        foreach ((ulong epoch, SeqSet seqs) in other._sets)
            foreach ((ulong first, ulong last) in seqs.Ranges) Add(epoch, first, last);
    }

    /// <summary>Takes an entry out.</summary>
    public void Remove(ulong epoch, ulong seq)
    {
        if (!_sets.TryGetValue(epoch, out SeqSet? seqs)) return;
        seqs.Remove(seq);
        if (seqs.Ranges.Count == 0) _sets.Remove(epoch);
    }

    /// <summary>Takes all entries of an epoch out.</summary>
    public void Remove(ulong epoch) => _sets.Remove(epoch);
}
