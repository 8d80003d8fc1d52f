using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>The frames of one host and schema, in time order. Guarded by its partition's lock.</summary>
internal sealed class HotGroup(Schema schema, SchemaLabels labels)
{
    private readonly List<FrameRef> _frames = [];

    // The longest time that any frame here has spanned.
    private long _longestMs;

    /// <summary>The group's series.</summary>
    public Schema Schema { get; } = schema;

    /// <summary>Their labels.</summary>
    public SchemaLabels Labels { get; } = labels;

    /// <summary>Time of the newest sample, Unix ms; 0 where there is none.</summary>
    public long NewestMs { get; private set; }

    /// <summary>Distance of ticks in the newest frame that has one, ms.</summary>
    public int IntervalMs { get; private set; }

    /// <summary>Frames held.</summary>
    public int FrameCount => _frames.Count;

    /// <summary>The newest values, once somebody asked for them; null when a newer frame has come since.</summary>
    public LatestValues? Latest { get; set; }

    /// <summary>Adds a frame.</summary>
    public void Add(in FrameRef frame, uint intervalMs)
    {
        if (_frames.Count == 0 || _frames[^1].FirstMs <= frame.FirstMs) _frames.Add(frame);
        else _frames.Insert(UpperBound(frame.FirstMs), frame);
        if (intervalMs > 0) IntervalMs = (int)intervalMs;
        else if (_frames.Count > 1 && _frames[^1].FirstMs > _frames[^2].LastMs) IntervalMs = (int)Math.Min(_frames[^1].FirstMs - _frames[^2].LastMs, 3_600_000);
        NewestMs = Math.Max(NewestMs, frame.LastMs);
        _longestMs = Math.Max(_longestMs, frame.LastMs - frame.FirstMs);
        Latest = null;
    }

    /// <summary>Copies out the frames that cover some of a range.</summary>
    public void Collect(long fromMs, long toMs, List<FrameRef> target)
    {
        // Frames are ordered by their first tick and last at most _longestMs; one that starts earlier cannot reach the range.
        int at = UpperBound(fromMs - _longestMs - 1);
        for (; at < _frames.Count && _frames[at].FirstMs <= toMs; at++)
            if (_frames[at].LastMs >= fromMs) target.Add(_frames[at]);
    }

    /// <summary>Copies out frames from the newest backwards, as long as they end no earlier than <paramref name="fromMs"/>.</summary>
    public void CollectNewest(long fromMs, long toMs, int most, List<FrameRef> target)
    {
        for (int at = UpperBound(toMs) - 1; at >= 0 && target.Count < most && _frames[at].FirstMs >= fromMs - _longestMs; at--)
            if (_frames[at].LastMs >= fromMs) target.Add(_frames[at]);
    }

    /// <summary>Whether any frame covers some of a range.</summary>
    public bool Covers(long fromMs, long toMs)
    {
        if (_frames.Count == 0 || _frames[0].FirstMs > toMs || NewestMs < fromMs) return false;
        for (int at = UpperBound(fromMs - _longestMs - 1); at < _frames.Count && _frames[at].FirstMs <= toMs; at++)
            if (_frames[at].LastMs >= fromMs) return true;
        return false;
    }

    /// <summary>Forgets frames that the log no longer holds.</summary>
    public void ForgetBefore(LogClass logClass, long position)
    {
        if (_frames.RemoveAll(frame => frame.LogClass == logClass && frame.Position < position) > 0) Latest = null;
        if (_frames.Count == 0) NewestMs = 0;
    }

    // The first frame whose first tick lies behind a time.
    private int UpperBound(long timeMs)
    {
        int low = 0, high = _frames.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_frames[middle].FirstMs <= timeMs) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
