using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Weir.Agent.Collection;

/// <summary>What the agent shows of its own collection, as instruments of the meter <c>Weir.Agent</c>.</summary>
/// <remarks>Thread-safe. Attribute values are bounded: collectors and lanes are a fixed list.</remarks>
internal sealed class AgentMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Weir.Agent";

    private static readonly KeyValuePair<string, object?> Whole = new("outcome", "whole");
    private static readonly KeyValuePair<string, object?> Partial = new("outcome", "partial");
    private static readonly KeyValuePair<string, object?> Missed = new("outcome", "missed");
    private static readonly KeyValuePair<string, object?> SpoolFailed = new("reason", "spool_failed");

    private readonly Meter _meter = new(MeterName);
    private readonly Lock _gate = new();
    private readonly List<Lane> _lanes = [];
    private readonly List<SpoolQueue> _queues = [];
    private readonly List<CollectorSlot> _slots = [];
    private readonly Counter<long> _ticks;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _baselines;
    private readonly Histogram<double> _duration;
    private readonly DateTimeOffset? _processStart;
    private long _startTicks = -1;

    /// <summary>Makes the instruments.</summary>
    /// <param name="processStart">When the process began; null: as the system says.</param>
    public AgentMetrics(DateTimeOffset? processStart = null)
    {
        _processStart = processStart;
        _ticks = _meter.CreateCounter<long>("weir.agent.ticks", "{tick}", "Ticks of all groups by outcome: whole, partial, missed.");
        _dropped = _meter.CreateCounter<long>("weir.agent.samples.dropped", "{sample}", "Samples collected and given up, by reason.");
        _baselines = _meter.CreateCounter<long>("weir.agent.baselines", "{baseline}", "Baselines made: the profiles that frames store differences from.");
        _duration = _meter.CreateHistogram<double>("weir.agent.collector.duration", "s", "How long a collector took, by collector.");
        _meter.CreateObservableGauge("weir.agent.start.duration", () => StartDuration is { } start ? [new Measurement<double>(start.TotalSeconds)] : Array.Empty<Measurement<double>>(), "s", "From the start of the process until the first tick was read, the wait for the interval's grid left out.");
        _meter.CreateObservableGauge("weir.agent.collectors.stuck", () => StuckCollectors, "{collector}", "Collectors that hang beyond their lane's deadline.");
        ObserveLanes("weir.agent.lane.queue.depth", "{collector}", "Collectors waiting for a thread of the lane.", static lane => lane.QueueDepth);
        ObserveLanes("weir.agent.lane.queue.limit", "{collector}", "Most collectors that may wait.", static lane => lane.QueueLimit);
        ObserveLanes("weir.agent.lane.threads", "{thread}", "Threads of the lane that take work.", static lane => lane.Threads);
        ObserveLanes("weir.agent.lane.threads.abandoned", "{thread}", "Threads given up to stuck collectors.", static lane => lane.AbandonedThreads);
        ObserveLanes("weir.agent.lane.refused", "{run}", "Runs that a lane did not take since its queue was full.", static lane => lane.Refused, isCounter: true);
        ObserveSlots("weir.agent.collector.runs", "{run}", "Runs of a collector that came to an end.", static slot => slot.Runs, isCounter: true);
        ObserveSlots("weir.agent.collector.failed_runs", "{run}", "Failed runs of a collector since its last good one.", static slot => slot.FailedRuns);
        ObserveSlots("weir.agent.collector.lost_ticks", "{tick}", "Ticks that closed without a collector's values since it was late or could not begin.", static slot => slot.LostTicks, isCounter: true);
        ObserveSlots("weir.agent.collector.paused", "", "1 while a collector that failed too often is not asked.", static slot => slot.Paused is null ? 0 : 1);
        ObserveSlots("weir.agent.collector.stuck", "", "1 while a collector hangs beyond its lane's deadline.", static slot => slot.State == SlotState.Stuck ? 1 : 0);
        ObserveSlots("weir.agent.collector.series", "{series}", "Series of a collector's last run.", static slot => slot.Columns.Count);
        ObserveSlots("weir.agent.collector.failed_series", "{series}", "Series of a collector's last run that could not be read.", static slot => slot.Refusal is null ? slot.Columns.Summary().Failed : slot.Columns.Count);
        ObserveSlots("weir.agent.collector.allocated", "By", "Managed memory that a collector's runs took.", static slot => slot.AllocatedBytes, isCounter: true);
        _meter.CreateObservableGauge("weir.agent.spool.queue.depth", SpoolQueueDepth, "{item}", "Frames and declarations waiting for the spool.");
        _meter.CreateObservableGauge("weir.agent.spool.queue.limit", static () => SpoolQueue.Limit, "{item}", "Most frames and declarations that may wait.");
    }

    /// <summary>Collectors that hang at present.</summary>
    public int StuckCollectors { get; set; }

    /// <summary>From the start of the process until the first tick was read, the wait for the interval's grid left out; null until then.</summary>
    public TimeSpan? StartDuration => Volatile.Read(ref _startTicks) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Takes down how long the start took.</summary>
    /// <param name="now">When the first tick was read.</param>
    /// <param name="waited">How long the agent had waited for that tick's time.</param>
    public void FirstTickRead(DateTimeOffset now, TimeSpan waited) => Volatile.Write(ref _startTicks, Math.Max(0, (now - (_processStart ?? ProcessStart()) - waited).Ticks));

    /// <summary>Counts a tick that ran.</summary>
    public void TickClosed(bool whole) => _ticks.Add(1, whole ? Whole : Partial);

    /// <summary>Counts ticks that could not run.</summary>
    public void TicksMissed(int ticks) => _ticks.Add(ticks, Missed);

    /// <summary>Counts samples that the spool did not take.</summary>
    public void Dropped(int samples) => _dropped.Add(samples, SpoolFailed);

    /// <summary>Counts a baseline.</summary>
    public void BaselineMade() => _baselines.Add(1);

    /// <summary>Records a run of a collector.</summary>
    public void CollectorRan(string collector, TimeSpan duration) =>
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("collector", collector));

    /// <summary>Shows a lane's depth from now on.</summary>
    public void Observe(Lane lane)
    {
        lock (_gate) _lanes.Add(lane);
    }

    /// <summary>Shows a collector's state from now on.</summary>
    public void Observe(CollectorSlot slot)
    {
        lock (_gate) _slots.Add(slot);
    }

    /// <summary>No longer shows a collector.</summary>
    public void Forget(CollectorSlot slot)
    {
        lock (_gate) _slots.Remove(slot);
    }

    /// <summary>Shows a queue's depth from now on.</summary>
    public void Observe(SpoolQueue queue)
    {
        lock (_gate) _queues.Add(queue);
    }

    /// <summary>No longer shows a lane.</summary>
    public void Forget(Lane lane)
    {
        lock (_gate) _lanes.Remove(lane);
    }

    /// <summary>No longer shows a queue.</summary>
    public void Forget(SpoolQueue queue)
    {
        lock (_gate) _queues.Remove(queue);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void ObserveLanes(string name, string unit, string description, Func<Lane, long> value, bool isCounter = false) =>
        Observe(name, unit, description, () => [.. _lanes.Select(lane => new Measurement<long>(value(lane), new KeyValuePair<string, object?>("lane", lane.Name)))], isCounter);

    private void ObserveSlots(string name, string unit, string description, Func<CollectorSlot, long> value, bool isCounter = false) =>
        Observe(name, unit, description, () => [.. _slots.Select(slot => new Measurement<long>(value(slot), new KeyValuePair<string, object?>("collector", slot.Collector.Name)))], isCounter);

    private void Observe(string name, string unit, string description, Func<Measurement<long>[]> values, bool isCounter)
    {
        if (isCounter) _meter.CreateObservableCounter(name, Locked, unit, description);
        else _meter.CreateObservableGauge(name, Locked, unit, description);

        IEnumerable<Measurement<long>> Locked()
        {
            lock (_gate) return values();
        }
    }

    private static DateTimeOffset ProcessStart()
    {
        using var self = Process.GetCurrentProcess();
        return self.StartTime;
    }

    private int SpoolQueueDepth()
    {
        lock (_gate) return _queues.Sum(static queue => queue.Depth);
    }
}
