using System.Collections.Concurrent;
using Weir.Agent.Local;

namespace Weir.Agent.Collection;

/// <summary>Begins and closes the ticks of all groups, and the windows behind them.</summary>
/// <remarks>
/// One thread calls <see cref="Step"/> whenever the time that it returned has come, or a collector has reported. Nothing in it blocks: sources are
/// read in lanes, files are written behind the <see cref="SpoolQueue"/>. Laws, per window: scheduled = collected + failed + late + missed, and
/// collected = sent + dropped (CollectionEngineTests).
/// </remarks>
internal sealed class CollectionEngine
{
    // Stuck collectors and clock steps are seen this soon even where all intervals are long.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly TickClock _clock;
    private readonly TimeProvider _time;
    private readonly List<CollectionGroup> _groups;
    private readonly ConcurrentQueue<(CollectionGroup Group, TimeSpan Duration)> _joining = new();
    private readonly HashSet<string> _ordered = new(StringComparer.Ordinal);
    private readonly SpoolQueue _queue;
    private readonly AgentMetrics _metrics;
    private readonly ILogger _logger;
    private readonly SortedList<long, WindowAccount> _windows = [];
    private readonly ConcurrentQueue<TaskCompletionSource<IReadOnlyList<GroupSnapshot>>> _asked = new();
    private readonly long _readyMs;
    private bool _isFinishing;

    /// <summary>Makes an engine whose first ticks are the next on each group's grid, seen from where an engine before it ended.</summary>
    public CollectionEngine(TickClock clock, TimeProvider time, IReadOnlyList<CollectionGroup> groups, SpoolQueue queue, AgentMetrics metrics, ILogger logger)
    {
        _clock = clock;
        _time = time;
        _groups = [.. groups];
        _queue = queue;
        _metrics = metrics;
        _logger = logger;
        _readyMs = _clock.NowMs;
        Align(clock.SettledMs ?? clock.NowMs);
    }

    /// <summary>Why no group for a collector would be taken now; null where it would. Any thread.</summary>
    /// <param name="collector">The collector.</param>
    /// <param name="most">Most such groups at a time.</param>
    public string? Refusal(string collector, int most)
    {
        lock (_ordered)
        {
            if (_isFinishing) return "the agent stops, or takes another configuration, just now";
            if (_ordered.Contains(collector)) return $"{collector} is read on request already";
            return _ordered.Count >= most ? $"{most} collectors are read on request already, the most at a time" : null;
        }
    }

    /// <summary>Takes another group for a while, from the first <see cref="Step"/> on at which its lender, if any, is between two ticks. Any thread.</summary>
    /// <param name="collector">The collector that it is for; one group for each at a time.</param>
    /// <param name="group">The group. A collector of a regular group is lent to it; another is the engine's to dispose.</param>
    /// <param name="duration">For how long from then on.</param>
    /// <param name="most">Most such groups at a time.</param>
    /// <returns>Null, or why it is not taken.</returns>
    public string? Add(string collector, CollectionGroup group, TimeSpan duration, int most)
    {
        lock (_ordered)
        {
            if (Refusal(collector, most) is { } why) return why;
            _ordered.Add(collector);
            group.Collector = collector;
            _joining.Enqueue((group, duration));
            return null;
        }
    }

    /// <summary>Copies what the last ticks brought, at the next <see cref="Step"/>: whoever asks from another thread wakes the loop.</summary>
    public Task<IReadOnlyList<GroupSnapshot>> SnapshotAsync()
    {
        var asked = new TaskCompletionSource<IReadOnlyList<GroupSnapshot>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(asked);
        return asked.Task;
    }

    /// <summary>Does what is due.</summary>
    /// <returns>How long nothing will be due unless a collector reports.</returns>
    public TimeSpan Step()
    {
        TimeSpan step = _clock.Follow();
        if (step != TimeSpan.Zero) OnClockStepped(step);
        int stuck = 0;
        long now = _clock.NowMs;
        foreach (CollectionGroup group in _groups)
        {
            group.Lane.Sweep();
            Advance(group, now);
            stuck += group.Stuck;
        }

        _clock.SettledMs = now;
        _metrics.StuckCollectors = stuck;
        Join(now);
        EndOrdered();
        while (_asked.TryDequeue(out TaskCompletionSource<IReadOnlyList<GroupSnapshot>>? asked)) asked.TrySetResult([.. _groups.Select(static group => group.Snapshot()).OfType<GroupSnapshot>()]);
        (long settled, long due) = (long.MaxValue, long.MaxValue);
        foreach (CollectionGroup group in _groups)
        {
            settled = Math.Min(settled, group.SettledMs);
            due = Math.Min(due, group.IsOpen ? group.CloseMs : group.NextTickMs);
        }

        Declare(settled);
        return TimeSpan.FromTicks(Math.Clamp((due * TimeSpan.TicksPerMillisecond) - _clock.NowTicks, 0, LongestWait.Ticks));
    }

    /// <summary>Closes open ticks, frames and windows as they are: the agent stops.</summary>
    public void Finish()
    {
        lock (_ordered) _isFinishing = true;
        Flush();
        Join(_clock.NowMs);
        foreach (CollectionGroup group in _groups)
        {
            if (group.EndsAt is null) continue;
            if (!Lend(group, false)) group.DisposeCollectors();
            CollectionLog.OrderCut(_logger, group.Name);
        }

        _queue.Complete();
    }

    // A collector is lent between two ticks: both groups count each tick as a whole. Who lends is open for half an interval at most, and holds up nobody else's order.
    private void Join(long now)
    {
        for (int waiting = _joining.Count; waiting > 0 && _joining.TryDequeue(out (CollectionGroup Group, TimeSpan Duration) order); waiting--)
        {
            if (IsLenderOpen(order.Group))
            {
                _joining.Enqueue(order);
                continue;
            }

            Lend(order.Group, true);
            Align(order.Group, now);
            order.Group.EndsAt = _time.GetTimestamp() + (long)(order.Duration.TotalSeconds * _time.TimestampFrequency);
            _groups.Add(order.Group);
        }
    }

    private void EndOrdered()
    {
        for (int i = _groups.Count - 1; i >= 0; i--)
        {
            CollectionGroup group = _groups[i];
            if (group.IsOpen || group.EndsAt is not { } endsAt || (_time.GetTimestamp() < endsAt && !group.IsInVain)) continue;
            group.Cut(_queue);
            _groups.RemoveAt(i);
            if (!Lend(group, false)) group.DisposeCollectors();
            lock (_ordered) _ordered.Remove(group.Collector!);
            if (group.IsInVain) CollectionLog.OrderInVain(_logger, group.Name);
            else CollectionLog.OrderEnded(_logger, group.Name);
        }
    }

    private bool IsLenderOpen(CollectionGroup ordered) => _groups.Exists(each => each.IsOpen && each.Shares(ordered));

    // Whether a regular group has the collector.
    private bool Lend(CollectionGroup ordered, bool isLent)
    {
        CollectionGroup? lender = _groups.Find(each => each.EndsAt is null && each.Shares(ordered));
        lender?.Lend(ordered, isLent);
        return lender is not null;
    }

    private static void Align(CollectionGroup group, long afterMs) => group.NextTickMs = (afterMs / group.IntervalMs * group.IntervalMs) + group.IntervalMs;

    private void Advance(CollectionGroup group, long now)
    {
        if (group.IsOpen && (group.IsIn || now >= group.CloseMs)) Close(group);
        int missed = 0;
        while (!group.IsOpen && group.NextTickMs <= now)
        {
            if (now >= group.NextTickMs + (group.IntervalMs / 2))
            {
                group.Miss(AccountOf(group.NextTickMs));
                missed++;
                continue;
            }

            long skewTicks = _clock.NowTicks - (group.NextTickMs * TimeSpan.TicksPerMillisecond);
            group.Begin(group.NextTickMs, skewTicks / (double)TimeSpan.TicksPerSecond);
            if (group.IsIn) Close(group);
        }

        if (missed == 0) return;
        _metrics.TicksMissed(missed);
        CollectionLog.TicksMissed(_logger, group.Name, missed);
    }

    private void Close(CollectionGroup group)
    {
        bool whole = group.Close(AccountOf(group.TickMs), _queue, out bool seriesChanged);
        _metrics.TickClosed(whole);
        // The first of the process: a run under another configuration is no start.
        if (_metrics.StartDuration is null) _metrics.FirstTickRead(_time.GetUtcNow(), TimeSpan.FromMilliseconds(group.TickMs - _readyMs));
        if (seriesChanged) CollectionLog.SchemaChanged(_logger, group.Name, group.SeriesCount);
    }

    // What ran under the old clock is cut, declared and done with; the grid starts anew under the new one.
    private void OnClockStepped(TimeSpan step)
    {
        CollectionLog.ClockStepped(_logger, step.TotalSeconds);
        Flush();
        _queue.PostClockStep();
        Align(_clock.NowMs);
    }

    private void Flush()
    {
        foreach (CollectionGroup group in _groups)
        {
            if (group.IsOpen) Close(group);
            group.Cut(_queue);
        }

        Declare(long.MaxValue);
    }

    private void Align(long afterMs)
    {
        foreach (CollectionGroup group in _groups) Align(group, afterMs);
    }

    // A window whose time is settled is declared behind its last frame. A full queue is tried again at the next step.
    private void Declare(long settledMs)
    {
        while (_windows.Count > 0 && _windows.Values[0] is var window && window.EndMs <= settledMs)
        {
            foreach (CollectionGroup group in _groups)
                if (group.GatheredMs is { } gathered && gathered < window.EndMs) group.Cut(_queue);
            if (!_queue.TryPostWindow(window)) return;
            _windows.RemoveAt(0);
        }
    }

    private WindowAccount AccountOf(long timeMs)
    {
        long start = WindowAccount.StartOf(timeMs);
        if (!_windows.TryGetValue(start, out WindowAccount? account)) _windows.Add(start, account = new WindowAccount(start));
        return account;
    }
}
