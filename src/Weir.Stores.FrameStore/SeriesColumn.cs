using Weir.Contracts;

namespace Weir.Stores.FrameStore;

/// <summary>Gathers the samples of one series while frames and strips are read.</summary>
/// <remarks>
/// They usually come in time order and do not overlap: then samples are only appended. Where they do, the highest rank wins, and
/// among equal ranks (a frame that was stored twice) the values are the same.
/// </remarks>
/// <param name="budget">Told of every sample taken; ends the read that takes too many.</param>
internal sealed class SeriesColumn(SampleBudget budget)
{
    // Where the samples of each source begin: a rank for every sample would take more than the sample.
    private readonly List<(int Start, FrameRank Rank)> _runs = [];
    private long[] _times = [];
    private double[] _values = [];
    private int _count;
    private bool _sorted = true;

    /// <summary>Time of the newest sample so far; <see cref="long.MinValue"/> where there is none.</summary>
    public long NewestMs { get; private set; } = long.MinValue;

    /// <summary>Adds the samples of one frame that lie in the range.</summary>
    /// <exception cref="ReadLimitException">More samples than the read may hold.</exception>
    public void Append(ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<byte> present, long fromMs, long toMs, in FrameRank rank)
    {
        // A frame may reach far out of the range: room for what it has outside would be counted nowhere.
        int first = 0, end = times.Length;
        while (first < end && times[first] < fromMs) first++;
        while (end > first && times[end - 1] > toMs) end--;
        Grow(end - first);
        int before = _count, newer = 0;
        for (int t = first; t < end; t++)
        {
            if (present[t] == 0) continue;
            if (_count > 0 && times[t] <= _times[_count - 1]) _sorted = false;
            if (times[t] > NewestMs)
            {
                NewestMs = times[t];
                newer++;
            }

            _times[_count] = times[t];
            _values[_count++] = values[t];
        }

        if (_count == before) return;
        budget.Hold(_count - before, newer);
        _runs.Add((before, rank));
    }

    /// <summary>Adds the newest sample of one frame that lies in the range.</summary>
    public void AppendNewest(ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<byte> present, long fromMs, long toMs, in FrameRank rank)
    {
        for (int t = times.Length - 1; t >= 0 && times[t] >= fromMs && times[t] >= NewestMs; t--)
        {
            if (present[t] == 0 || times[t] > toMs) continue;
            Append(times.Slice(t, 1), values.Slice(t, 1), present.Slice(t, 1), fromMs, toMs, rank);
            return;
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
        var sources = new int[_count];
        for (int run = 0; run < _runs.Count; run++)
        {
            int end = run + 1 < _runs.Count ? _runs[run + 1].Start : _count;
            sources.AsSpan(_runs[run].Start, end - _runs[run].Start).Fill(run);
        }

        int[] order = [.. Enumerable.Range(0, _count)];
        Array.Sort(order, (a, b) => _times[a] != _times[b] ? _times[a].CompareTo(_times[b]) : _runs[sources[a]].Rank.CompareTo(_runs[sources[b]].Rank));
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
    }
}
