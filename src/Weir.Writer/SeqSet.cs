using Weir.Frames;

namespace Weir.Writer;

/// <summary>A set of seqs as sorted intervals. A gap-free epoch is one interval, however long it runs.</summary>
internal sealed class SeqSet
{
    private readonly List<(ulong First, ulong Last)> _ranges = [];

    /// <summary>The intervals, ascending, neither touching nor overlapping.</summary>
    public IReadOnlyList<(ulong First, ulong Last)> Ranges => _ranges;

    /// <summary>Whether a seq is in the set.</summary>
    public bool Contains(ulong seq)
    {
        int at = Find(seq);
        return at >= 0 && seq <= _ranges[at].Last;
    }

    /// <summary>Adds one seq.</summary>
    public void Add(ulong seq) => Add(seq, seq);

    /// <summary>Adds an interval.</summary>
    public void Add(ulong first, ulong last)
    {
        if (_ranges.Count > 0 && _ranges[^1] is var end && first == end.Last + 1)
        {
            _ranges[^1] = (end.First, last);
            return;
        }

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
    }

    /// <summary>Takes one seq out.</summary>
    public void Remove(ulong seq)
    {
        int at = Find(seq);
        if (at < 0 || seq > _ranges[at].Last) return;
        (ulong first, ulong last) = _ranges[at];
        _ranges.RemoveAt(at);
        if (seq < last) _ranges.Insert(at, (seq + 1, last));
        if (first < seq) _ranges.Insert(at, (first, seq - 1));
    }

    /// <summary>Appends the set to a snapshot.</summary>
    public void Write(ByteWriter target)
    {
        target.Varint((ulong)_ranges.Count);
        ulong before = 0;
        foreach ((ulong first, ulong last) in _ranges)
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
        }

        return set;
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
