using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>The newest value of every series of a group, folded over its frames: 18 bytes a series.</summary>
/// <remarks>The outcome does not depend on the order of the frames. Immutable once it is shared: to go on, <see cref="Copy"/> it first.</remarks>
internal sealed class LatestValues
{
    private const int MaxRanks = ushort.MaxValue;

    private readonly long[] _times;
    private readonly double[] _values;
    private readonly ushort[] _rankIndexes;
    private readonly List<FrameRank> _ranks;

    /// <summary>Begins with no values.</summary>
    /// <param name="series">Series of the group.</param>
    /// <param name="fromMs">Values older than this were not looked for.</param>
    /// <param name="toMs">Values newer than this are not taken.</param>
    public LatestValues(int series, long fromMs, long toMs)
    {
        FromMs = fromMs;
        ToMs = toMs;
        _times = new long[series];
        _values = new double[series];
        _rankIndexes = new ushort[series];
        _ranks = [];
        Array.Fill(_times, long.MinValue);
        Missing = series;
    }

    private LatestValues(LatestValues from, long toMs)
    {
        (FromMs, ToMs, Missing) = (from.FromMs, toMs, from.Missing);
        _times = [.. from._times];
        _values = [.. from._values];
        _rankIndexes = [.. from._rankIndexes];
        _ranks = [.. from._ranks];
    }

    /// <summary>Values older than this were not looked for.</summary>
    public long FromMs { get; }

    /// <summary>Values newer than this were not taken.</summary>
    public long ToMs { get; }

    /// <summary>Series without a value.</summary>
    public int Missing { get; private set; }

    /// <summary>Whether ranks no longer fit: start anew.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether a series has a value.</summary>
    public bool Has(int series) => _times[series] != long.MinValue;

    /// <summary>Time of the newest value, Unix ms.</summary>
    public long TimeMs(int series) => _times[series];

    /// <summary>The newest value.</summary>
    public double Value(int series) => _values[series];

    /// <summary>Rank of the frame that brought it.</summary>
    public FrameRank Rank(int series) => _ranks[_rankIndexes[series]];

    /// <summary>The oldest of the newest times.</summary>
    public long OldestMs => _times.Min();

    /// <summary>A copy to go on with.</summary>
    public LatestValues Copy(long toMs) => new(this, toMs);

    /// <summary>Takes in a frame.</summary>
    public void Fold(DecodedFrame frame, in FrameRank rank)
    {
        ReadOnlySpan<long> times = frame.TimesMs;
        if (_ranks.Count == MaxRanks)
        {
            IsFull = true;
            return;
        }

        _ranks.Add(rank);
        bool used = false;
        for (int s = 0; s < _times.Length; s++)
        {
            ReadOnlySpan<byte> present = frame.Present(s);
            for (int t = times.Length - 1; t >= 0; t--)
            {
                if (present[t] == 0 || times[t] > ToMs) continue;
                used |= Take(s, times[t], frame.Values(s)[t], rank);
                break;
            }
        }

        if (!used) _ranks.RemoveAt(_ranks.Count - 1);
    }

    private bool Take(int series, long timeMs, double value, in FrameRank rank)
    {
        if (timeMs < FromMs || timeMs < _times[series] || (timeMs == _times[series] && Rank(series).CompareTo(rank) >= 0)) return false;
        if (!Has(series)) Missing--;
        _times[series] = timeMs;
        _values[series] = value;
        _rankIndexes[series] = (ushort)(_ranks.Count - 1);
        return true;
    }
}
