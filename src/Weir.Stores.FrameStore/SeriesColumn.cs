namespace Weir.Stores.FrameStore;

/// <summary>Gathers the samples of one series while frames are read.</summary>
/// <remarks>Frames usually come in time order and do not overlap: then samples are only appended. Where they do, the highest rank wins.</remarks>
internal sealed class SeriesColumn
{
    private long[] _times = [];
    private double[] _values = [];
    private FrameRank[] _ranks = [];
    private int _count;
    private bool _sorted = true;

    /// <summary>Adds the samples of one frame that lie in the range.</summary>
    public void Append(ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<byte> present, long fromMs, long toMs, in FrameRank rank)
    {
        Grow(times.Length);
        for (int t = 0; t < times.Length; t++)
        {
            if (present[t] == 0 || times[t] < fromMs || times[t] > toMs) continue;
            if (_count > 0 && times[t] <= _times[_count - 1]) _sorted = false;
            _times[_count] = times[t];
            _values[_count] = values[t];
            _ranks[_count++] = rank;
        }
    }

    /// <summary>The samples in time order, one per time.</summary>
    public (long[] TimesMs, double[] Values) Finish()
    {
        if (!_sorted) Resolve();
        return (_times[.._count], _values[.._count]);
    }

    private void Resolve()
    {
        int[] order = [.. Enumerable.Range(0, _count)];
        Array.Sort(order, (a, b) => _times[a] != _times[b] ? _times[a].CompareTo(_times[b]) : _ranks[a].CompareTo(_ranks[b]));
        var times = new long[_count];
        var values = new double[_count];
        int kept = 0;
        foreach (int i in order)
        {
            // Equal times are sorted by rank: a later one replaces.
            if (kept > 0 && times[kept - 1] == _times[i]) kept--;
            times[kept] = _times[i];
            values[kept++] = _values[i];
        }

        (_times, _values, _count) = (times, values, kept);
    }

    private void Grow(int more)
    {
        if (_count + more <= _times.Length) return;
        int size = Math.Max(_count + more, _times.Length * 2);
        Array.Resize(ref _times, size);
        Array.Resize(ref _values, size);
        Array.Resize(ref _ranks, size);
    }
}
