using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>The frames of one host and schema that are still in the log, in time order. Guarded by its partition's lock.</summary>
internal sealed class HotGroup(Schema schema, SchemaLabels labels)
{
    private static readonly LogPositions Everything = new(long.MaxValue, long.MaxValue);

    private readonly FrameList _frames = new();
    private readonly List<FrameOrigin> _origins = [];

    // Where they stand, once they are many: an agent may name another with every frame.
    private Dictionary<FrameOrigin, int>? _originIndexes;
    private readonly List<PackedFrame> _unfolded = [];

    // The origin of the frame added last: nearly always that of the next.
    private FrameOrigin? _lastOrigin;
    private int _lastOriginIndex;

    // More than an agent makes in an hour: searched from the newest, few cost less than a table.
    private const int MaxSearchedOrigins = 64;

    // More than a watched host sends between two queries of a dashboard.
    private const int MaxUnfolded = 64;

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

    /// <summary>Counts changes: what was computed at another version may no longer hold.</summary>
    public int Version { get; private set; }

    /// <summary>The newest values, once somebody asked for them: of all frames but those of <see cref="CollectUnfolded"/>.</summary>
    public LatestValues? Latest { get; private set; }

    /// <summary>Adds a frame.</summary>
    public void Add(in FrameRef frame, uint intervalMs)
    {
        var packed = new PackedFrame(frame, OriginIndex(new FrameOrigin(frame.Rank.ClockGeneration, frame.Rank.StartNumber, frame.Rank.Epoch, frame.Baseline)));
        if (_frames.Count == 0 || _frames[^1].FirstMs <= frame.FirstMs) _frames.Add(packed);
        else _frames.Insert(UpperBound(frame.FirstMs), packed);
        if (intervalMs > 0) IntervalMs = (int)intervalMs;
        else if (_frames.Count > 1 && _frames[^1].FirstMs > _frames[^2].LastMs) IntervalMs = (int)Math.Min(_frames[^1].FirstMs - _frames[^2].LastMs, 3_600_000);
        NewestMs = Math.Max(NewestMs, frame.LastMs);
        _longestMs = Math.Max(_longestMs, frame.LastMs - frame.FirstMs);
        Version++;
        if (Latest is null) return;
        if (_unfolded.Count < MaxUnfolded) _unfolded.Add(packed);
        else ForgetLatest();
    }

    /// <summary>Keeps newest values that were computed from the frames of a version, unless there have been others since.</summary>
    public void Remember(LatestValues latest, int version)
    {
        if (version != Version) return;
        Latest = latest;
        _unfolded.Clear();
    }

    /// <summary>Copies out the frames that came after <see cref="Latest"/> was computed.</summary>
    public void CollectUnfolded(List<FrameRef> target)
    {
        foreach (PackedFrame frame in _unfolded) target.Add(Unpack(frame));
    }

    /// <summary>Copies out the frames that cover some of a range.</summary>
    public void Collect(long fromMs, long toMs, List<FrameRef> target) => Collect(fromMs, toMs, Everything, target);

    /// <summary>Copies out the frames of a range that stand in the log before some positions.</summary>
    public void Collect(long fromMs, long toMs, LogPositions before, List<FrameRef> target)
    {
        // Frames are ordered by their first tick and last at most _longestMs; one that starts earlier cannot reach the range.
        for (int at = UpperBound(fromMs - _longestMs - 1); at < _frames.Count && _frames[at].FirstMs <= toMs; at++)
            if (_frames[at].LastMs >= fromMs && _frames[at].Position < before.Of(_frames[at].LogClass)) target.Add(Unpack(at));
    }

    /// <summary>Shows every frame.</summary>
    public void Visit(Action<PackedFrame> visit)
    {
        for (int i = 0; i < _frames.Count; i++) visit(_frames[i]);
    }

    /// <summary>One of the frames shown by <see cref="Visit"/>.</summary>
    public FrameRef Unpack(PackedFrame frame) => frame.Unpack(_origins[frame.Origin]);

    /// <summary>Whether any frame covers some of a range.</summary>
    public bool Covers(long fromMs, long toMs)
    {
        if (_frames.Count == 0 || _frames[0].FirstMs > toMs || NewestMs < fromMs) return false;
        for (int at = UpperBound(fromMs - _longestMs - 1); at < _frames.Count && _frames[at].FirstMs <= toMs; at++)
            if (_frames[at].LastMs >= fromMs) return true;
        return false;
    }

    /// <summary>Forgets frames.</summary>
    public void Forget(Predicate<PackedFrame> match)
    {
        if (_frames.RemoveAll(match) == 0) return;
        ForgetLatest();
        Version++;
        NewestMs = 0;
        _longestMs = 0;
        var kept = new Dictionary<FrameOrigin, int>();
        for (int i = 0; i < _frames.Count; i++)
        {
            NewestMs = Math.Max(NewestMs, _frames[i].LastMs);
            _longestMs = Math.Max(_longestMs, _frames[i].LastMs - _frames[i].FirstMs);
            FrameOrigin origin = _origins[_frames[i].Origin];
            if (!kept.TryGetValue(origin, out int index)) kept[origin] = index = kept.Count;
            _frames[i] = _frames[i].WithOrigin(index, origin);
        }

        _lastOrigin = null;
        _origins.Clear();
        _origins.AddRange(kept.OrderBy(static pair => pair.Value).Select(static pair => pair.Key));
        _originIndexes = kept.Count > MaxSearchedOrigins ? kept : null;
    }

    private void ForgetLatest()
    {
        Latest = null;
        _unfolded.Clear();
    }

    private FrameRef Unpack(int at) => Unpack(_frames[at]);

    private int OriginIndex(in FrameOrigin origin)
    {
        if (_lastOrigin == origin) return _lastOriginIndex;
        int index = _originIndexes is null ? _origins.LastIndexOf(origin) : _originIndexes.GetValueOrDefault(origin, -1);
        if (index < 0)
        {
            index = _origins.Count;
            _origins.Add(origin);
            if (_originIndexes is not null) _originIndexes[origin] = index;
            else if (_origins.Count > MaxSearchedOrigins) _originIndexes = _origins.Select(static (origin, at) => (origin, at)).ToDictionary();
        }

        (_lastOrigin, _lastOriginIndex) = (origin, index);
        return index;
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
