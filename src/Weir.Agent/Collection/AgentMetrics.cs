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
    private readonly Counter<long> _ticks;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _baselines;
    private readonly Histogram<double> _duration;

    /// <summary>Makes the instruments.</summary>
    public AgentMetrics()
    {
        _ticks = _meter.CreateCounter<long>("weir.agent.ticks", "{tick}", "Ticks of all groups by outcome: whole, partial, missed.");
        _dropped = _meter.CreateCounter<long>("weir.agent.samples.dropped", "{sample}", "Samples collected and given up, by reason.");
        _baselines = _meter.CreateCounter<long>("weir.agent.baselines", "{baseline}", "Baselines made: the profiles that frames store differences from.");
        _duration = _meter.CreateHistogram<double>("weir.agent.collector.duration", "s", "How long a collector took, by collector.");
        _meter.CreateObservableGauge("weir.agent.collectors.stuck", () => StuckCollectors, "{collector}", "Collectors that hang beyond their lane's deadline.");
        ObserveLanes("weir.agent.lane.queue.depth", "{collector}", "Collectors waiting for a thread of the lane.", static lane => lane.QueueDepth);
        ObserveLanes("weir.agent.lane.queue.limit", "{collector}", "Most collectors that may wait.", static lane => lane.QueueLimit);
        ObserveLanes("weir.agent.lane.threads", "{thread}", "Threads of the lane that take work.", static lane => lane.Threads);
        ObserveLanes("weir.agent.lane.threads.abandoned", "{thread}", "Threads given up to stuck collectors.", static lane => lane.AbandonedThreads);
        _meter.CreateObservableGauge("weir.agent.spool.queue.depth", SpoolQueueDepth, "{item}", "Frames and declarations waiting for the spool.");
        _meter.CreateObservableGauge("weir.agent.spool.queue.limit", static () => SpoolQueue.Limit, "{item}", "Most frames and declarations that may wait.");
    }

    /// <summary>Collectors that hang at present.</summary>
    public int StuckCollectors { get; set; }

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

    private void ObserveLanes(string name, string unit, string description, Func<Lane, int> value) =>
        _meter.CreateObservableGauge(
            name,
            () =>
            {
                lock (_gate) return (Measurement<int>[])[.. _lanes.Select(lane => new Measurement<int>(value(lane), new KeyValuePair<string, object?>("lane", lane.Name)))];
            },
            unit,
            description);

    private int SpoolQueueDepth()
    {
        lock (_gate) return _queues.Sum(static queue => queue.Depth);
    }
}
