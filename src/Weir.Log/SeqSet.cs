using Weir.Frames;

namespace Weir.Log;

/// <summary>A set of seqs as sorted intervals. A gap-free epoch is one interval, however long it runs. Not thread-safe.</summary>
public sealed class SeqSet
{
    private static readonly (ulong First, ulong Last) None = (1, 0);

    private readonly List<(ulong First, ulong Last)> _ranges = [];

    // The last interval. Its end in the list is behind until Listed: seqs mostly come in order, and then this is all that is touched.
    private (ulong First, ulong Last) _newest = None;

    /// <summary>The intervals, ascending, neither touching nor overlapping.</summary>
    public IReadOnlyList<(ulong First, ulong Last)> Ranges => Listed();

    /// <summary>Whether a seq is in the set.</summary>
    public bool Contains(ulong seq) => ContainsAll(seq, seq);

    /// <summary>Whether every seq of an interval is in the set.</summary>
    public bool ContainsAll(ulong first, ulong last)
    {
        if (first >= _newest.First) return last <= _newest.Last;
        int at = Find(first);
        return at >= 0 && last <= _ranges[at].Last;
    }

    /// <summary>Adds one seq.</summary>
    public void Add(ulong seq) => Add(seq, seq);

    /// <summary>Adds an interval.</summary>
    public void Add(ulong first, ulong last)
    {
        if (_newest != None && first == _newest.Last + 1)
        {
            _newest.Last = last;
            return;
        }

        Listed();
        int from = Find(first);
        // The interval before joins where it touches; then everything that starts inside or right behind is swallowed.
        if (from < 0 || _ranges[from].Last + 1 < first) from++;
        int to = from;
        while (to < _ranges.Count && (last == ulong.MaxValue || _ranges[to].First <= last + 1))
        {
            first = Math.Min(first, _ranges[to].First);
            last = Math.Max(last, _ranges[to].Last);
            to++;
        }

        _ranges.RemoveRange(from, to - from);
        _ranges.Insert(from, (first, last));
        _newest = _ranges[^1];
    }

    /// <summary>Takes one seq out.</summary>
    public void Remove(ulong seq) => Remove(seq, seq);

    /// <summary>Takes an interval out.</summary>
    public void Remove(ulong first, ulong last)
    {
        Listed();
        int at = Math.Max(0, Find(first));
        while (at < _ranges.Count && _ranges[at].First <= last)
        {
            (ulong from, ulong to) = _ranges[at];
            if (to < first)
            {
                at++;
                continue;
            }

            _ranges.RemoveAt(at);
            if (to > last) _ranges.Insert(at, (last + 1, to));
            if (from < first) _ranges.Insert(at++, (from, first - 1));
        }

        _newest = _ranges.Count > 0 ? _ranges[^1] : None;
    }

    /// <summary>Appends the set to a snapshot.</summary>
    public void Write(ByteWriter target)
    {
        target.Varint((ulong)_ranges.Count);
        ulong before = 0;
        foreach ((ulong first, ulong last) in Listed())
        {
            target.Varint(first - before);
            target.Varint(last - first);
            before = last;
        }
    }

    /// <summary>Reads a set from a snapshot.</summary>
    public static SeqSet Read(ref ByteReader reader)
    {
        var set = new SeqSet();
        ulong before = 0;
        for (int i = reader.Count(int.MaxValue); i > 0 && !reader.Failed; i--)
        {
            ulong first = before + reader.Varint();
            before = first + reader.Varint();
            set._ranges.Add((first, before));
            set._newest = (first, before);
        }

        return set;
    }

    private List<(ulong First, ulong Last)> Listed()
    {
        if (_ranges.Count > 0 && _ranges[^1] != _newest) _ranges[^1] = _newest;
        return _ranges;
    }

    // The last interval that starts at or before seq; -1 where there is none.
    private int Find(ulong seq)
    {
        int low = 0, high = _ranges.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].First <= seq) low = middle + 1;
            else high = middle - 1;
        }

        return high;
    }
}
