using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;
using Weir.Agent.Local;

namespace Weir.Agent.Collection;

/// <summary>Collection under one configuration: lanes, collectors, groups and engine, from their first tick to their last.</summary>
/// <remarks>Runs once. What it gathered is spooled and its open window declared when it ends. A collector that hangs then is left to its thread.</remarks>
internal sealed class CollectionRun : IDisposable
{
    private readonly AgentConfig _config;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DeliverySignals _signals;
    private readonly AgentMetrics _metrics;
    private readonly CollectionLoop _loop;
    private readonly Dictionary<LaneKind, Lane> _lanes;
    private readonly PlannedSlot[] _slots;
    private readonly SpoolQueue _queue;
    private readonly CollectionEngine _engine;
    private readonly CollectDesk _desk;

    /// <summary>Puts collection together; <see cref="RunAsync"/> runs it.</summary>
    /// <param name="config">What runs.</param>
    /// <param name="plan">Gives the collectors of a configuration.</param>
    /// <param name="delivery">Where frames go.</param>
    /// <param name="metrics">Where it is shown; the same for all runs of an agent.</param>
    /// <param name="clock">The clock of the ticks; the same for all runs of an agent.</param>
    /// <param name="time">The clock of everything else.</param>
    /// <param name="logger">Where it logs.</param>
    public CollectionRun(AgentConfig config, CollectorPlan plan, IDelivery delivery, AgentMetrics metrics, TickClock clock, TimeProvider time, ILogger logger)
    {
        _metrics = metrics;
        _config = config;
        _time = time;
        _logger = logger;
        _signals = delivery.Signals;
        _loop = new CollectionLoop(logger);
        _lanes = Enum.GetValues<LaneKind>().ToDictionary(static kind => kind, kind => new Lane(LaneOptions.Of(kind), _loop.Wake, _metrics, logger));
        _slots = [.. plan(config).Select(MakeSlot)];
        _queue = new SpoolQueue(delivery.Sink, _signals, _metrics, logger);
        _engine = new CollectionEngine(clock, time, MakeGroups(), _queue, _metrics, logger);
        _desk = new CollectDesk(config, _slots, plan, MakeSlot, (slot, interval) => MakeGroup(slot.Planned.Lane, interval, slot.Slot.Collector.Name, [slot.Slot]), _engine, logger);
    }

    /// <summary>Collects until cancelled.</summary>
    /// <param name="begun">Called once it has begun; returns soon.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action? begun, CancellationToken cancellationToken)
    {
        foreach (PlannedSlot each in _slots) _metrics.Observe(each.Slot);
        CollectionLog.Started(_logger, string.Join(", ", _slots.Select(static each => each.Slot.Collector.Name)), Duration.Format(_config.Interval), _config.DataDirectory);
        Task spooling = _queue.RunAsync();
        _signals.Collect = Order;
        begun?.Invoke();
        await _loop.RunAsync(_engine, cancellationToken).ConfigureAwait(false);
        _signals.Collect = null;
        await spooling.ConfigureAwait(false);
        CollectionLog.Stopped(_logger);
        foreach (PlannedSlot each in _slots)
        {
            _metrics.Forget(each.Slot);
            each.Slot.Dispose();
        }
    }

    /// <summary>Copies what the last ticks brought. Any thread; ends with the token where collection has ended meanwhile.</summary>
    public Task<IReadOnlyList<GroupSnapshot>> SnapshotAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<GroupSnapshot>> snapshot = _engine.SnapshotAsync();
        _loop.Wake();
        return snapshot.WaitAsync(cancellationToken);
    }

    /// <summary>How the collectors do. Any thread.</summary>
    public IReadOnlyList<CollectorStatus> Status() => [.. _slots.Select(static each => CollectorStatus.Of(each.Slot, each.Planned.Lane, each.Planned.Interval))];

    /// <summary>The processes behind the reported names; none where they are not collected. Any thread.</summary>
    public ProcessInventory Processes() => _slots.Select(static each => (each.Slot.Collector as SourcedCollector)?.Processes).FirstOrDefault(static found => found is not null) ?? ProcessInventory.None;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lane lane in _lanes.Values) lane.Dispose();
    }

    private CollectAnswer Order(CollectOrder order)
    {
        CollectAnswer answer = _desk.Take(order);
        _loop.Wake();
        return answer;
    }

    private List<CollectionGroup> MakeGroups()
    {
        var groups = new List<CollectionGroup>();
        foreach (IGrouping<(LaneKind Lane, TimeSpan Interval, string? Alone), PlannedSlot> shared in _slots
            .GroupBy(static each => (each.Planned.Lane, each.Planned.Interval, each.Planned.IsAlone ? each.Planned.Collector.Name : null)))
            groups.Add(MakeGroup(shared.Key.Lane, shared.Key.Interval, shared.Key.Alone, [.. shared.Select(static each => each.Slot)]));

        // An agent without collectors still ticks and declares: the server can tell it from a silent one.
        if (groups.Count == 0) groups.Add(MakeGroup(LaneKind.High, _config.Interval, null, []));
        return groups;
    }

    private CollectionGroup MakeGroup(LaneKind lane, TimeSpan interval, string? alone, CollectorSlot[] members)
    {
        long intervalMs = (long)interval.TotalMilliseconds;
        return new CollectionGroup(_lanes[lane], alone, intervalMs, new FrameCadence(_signals, intervalMs, new CadenceOptions(_config.FrameSeconds, _config.IsUplinkMetered)), members, _logger);
    }

    private PlannedSlot MakeSlot(PlannedCollector planned) => new(planned, new CollectorSlot(planned.Collector, _time, _config.MaxSeriesPerCollector));
}
