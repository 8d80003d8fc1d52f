using System.Runtime.InteropServices;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>The newest value of every series of a group, folded over its frames: 12 bytes a series.</summary>
/// <remarks>
/// The series of a host mostly have their newest values from the same tick of the same frame, so time and rank are kept once for all of them.
/// The outcome does not depend on the order of the frames. Immutable once it is shared: to go on, <see cref="Copy"/> it first.
/// </remarks>
internal sealed class LatestValues
{
    private const int None = 0;

    private readonly double[] _values;
    private readonly int[] _sources;

    // Where values come from; the first entry stands for no value. A copy leaves out those that nothing comes from any more.
    private readonly List<Source> _table;

    /// <summary>Begins with no values.</summary>
    /// <param name="series">Series of the group.</param>
    /// <param name="fromMs">Values older than this were not looked for.</param>
    /// <param name="toMs">Values newer than this are not taken.</param>
    public LatestValues(int series, long fromMs, long toMs)
    {
        FromMs = fromMs;
        ToMs = toMs;
        _values = new double[series];
        _sources = new int[series];
        _table = [new Source(long.MinValue, default)];
        Missing = series;
    }

    private LatestValues(LatestValues from, long toMs)
    {
        (FromMs, ToMs, Missing) = (from.FromMs, toMs, from.Missing);
        _values = [.. from._values];
        _sources = new int[_values.Length];
        _table = [from._table[None]];
        Span<int> places = from._table.Count <= 256 ? stackalloc int[from._table.Count] : new int[from._table.Count];
        places.Clear();
        for (int s = 0; s < _sources.Length; s++)
        {
            int source = from._sources[s];
            if (source != None && places[source] == None)
            {
                places[source] = _table.Count;
                _table.Add(from._table[source]);
            }

            _sources[s] = places[source];
        }
    }

    /// <summary>Values older than this were not looked for.</summary>
    public long FromMs { get; }

    /// <summary>Values newer than this were not taken.</summary>
    public long ToMs { get; }

    /// <summary>Series without a value.</summary>
    public int Missing { get; private set; }

    /// <summary>Ticks of frames that values are held of, some perhaps no longer: what a copy keeps is bounded by the series.</summary>
    public int SourceCount => _table.Count - 1;

    /// <summary>Whether a series has a value.</summary>
    public bool Has(int series) => _sources[series] != None;

    /// <summary>Time of the newest value, Unix ms.</summary>
    public long TimeMs(int series) => _table[_sources[series]].TimeMs;

    /// <summary>The newest value.</summary>
    public double Value(int series) => _values[series];

    /// <summary>Rank of the frame that brought it.</summary>
    public FrameRank Rank(int series) => _table[_sources[series]].Rank;

    /// <summary>The oldest of the newest times.</summary>
    public long OldestMs
    {
        get
        {
            long oldest = long.MaxValue;
            for (int s = 0; s < _sources.Length; s++) oldest = Math.Min(oldest, TimeMs(s));
            return oldest;
        }
    }

    /// <summary>A copy to go on with.</summary>
    public LatestValues Copy(long toMs) => new(this, toMs);

    /// <summary>Takes in a frame.</summary>
    public void Fold(DecodedFrame frame, in FrameRank rank)
    {
        ReadOnlySpan<long> times = frame.TimesMs;
        int last = times.Length - 1;
        while (last >= 0 && times[last] > ToMs) last--;
        int begin = _table.Count;
        for (int s = 0; s < _sources.Length; s++)
        {
            ReadOnlySpan<byte> present = frame.Present(s);
            int t = last;
            while (t >= 0 && present[t] == 0) t--;
            if (t >= 0) Take(s, times[t], frame.Values(s)[t], rank, begin);
        }
    }

    private void Take(int series, long timeMs, double value, in FrameRank rank, int begin)
    {
        Source known = _table[_sources[series]];
        if (timeMs < FromMs || timeMs < known.TimeMs || (timeMs == known.TimeMs && known.Rank.CompareTo(rank) >= 0)) return;
        if (!Has(series)) Missing--;
        _values[series] = value;
        _sources[series] = SourceOf(timeMs, rank, begin);
    }

    // Of the ticks of the frame that is being folded in: nearly always the one of the series before.
    private int SourceOf(long timeMs, in FrameRank rank, int begin)
    {
        ReadOnlySpan<Source> table = CollectionsMarshal.AsSpan(_table);
        for (int i = table.Length - 1; i >= begin; i--)
            if (table[i].TimeMs == timeMs) return i;
        _table.Add(new Source(timeMs, rank));
        return _table.Count - 1;
    }

    private readonly record struct Source(long TimeMs, FrameRank Rank);
}
