using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Local;
using Weir.Agent.Uplinks;

namespace Weir.Agent;

/// <summary>A whole agent: collectors, lanes, spool and uplink.</summary>
/// <remarks>
/// Runs once. In process (<c>weir up</c>) it shares nothing with its neighbours but the logger factory: its ticks and collectors have threads of
/// their own. Stopping seals what was gathered, declares the open window, and leaves in the spool what the gateway has not acked.
/// </remarks>
public sealed class AgentHost
{
    private const string LogCategory = "Weir.Agent.Collection";

    private readonly AgentConfig _config;
    private readonly TimeProvider _time;
    private readonly Func<AgentConfig, IReadOnlyList<PlannedCollector>> _plan;
    private readonly Func<Task<IDelivery>> _open;
    private readonly ILogger _logger;

    /// <summary>Makes an agent; <see cref="RunAsync"/> runs it.</summary>
    /// <param name="config">What it does. Its gateway must be well formed.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="time">The clock of its ticks.</param>
    public AgentHost(AgentConfig config, ILoggerFactory loggers, TimeProvider time)
        : this(config, loggers, time, PlanOf(new LinuxRoots(), time, loggers.CreateLogger(LogCategory)), () => SpoolDelivery.OpenAsync(config, loggers, time))
    {
    }

    /// <summary>Makes an agent of parts.</summary>
    /// <param name="config">What it does.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="time">The clock of its ticks.</param>
    /// <param name="plan">Gives the collectors that run under a configuration.</param>
    /// <param name="open">Opens what stands behind collection.</param>
    internal AgentHost(AgentConfig config, ILoggerFactory loggers, TimeProvider time, Func<AgentConfig, IReadOnlyList<PlannedCollector>> plan, Func<Task<IDelivery>> open)
    {
        _config = config;
        _time = time;
        _plan = plan;
        _open = open;
        _logger = loggers.CreateLogger(LogCategory);
    }

    /// <summary>The collectors of this system.</summary>
    internal static Func<AgentConfig, IReadOnlyList<PlannedCollector>> PlanOf(LinuxRoots roots, TimeProvider time, ILogger logger)
    {
        var shared = new CollectorShared(roots, time);
        return config => CollectorCatalog.Plan(config, roots, time, logger, shared);
    }

    /// <summary>Called once the data directory is held and collection begins; returns soon.</summary>
    internal Action? Ready { get; init; }

    /// <summary>Collects, spools and sends until cancelled.</summary>
    /// <exception cref="IOException">The data directory cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IDelivery delivery = await _open().ConfigureAwait(false);
        await using (delivery.ConfigureAwait(false))
        {
            using var stopSending = new CancellationTokenSource();
            Task sending = delivery.RunAsync(stopSending.Token);
            try
            {
                await CollectAsync(delivery, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await stopSending.CancelAsync().ConfigureAwait(false);
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (sending.IsFaulted) await sending.ConfigureAwait(false);
        }
    }

    private async Task CollectAsync(IDelivery delivery, CancellationToken cancellationToken)
    {
        using var metrics = new AgentMetrics();
        using var loop = new CollectionLoop(_logger);
        using var high = new Lane(LaneOptions.High, loop.Wake, metrics, _logger);
        using var normal = new Lane(LaneOptions.Normal, loop.Wake, metrics, _logger);
        PlannedSlot[] slots = [.. _plan(_config).Select(planned => new PlannedSlot(planned, new CollectorSlot(planned.Collector, _time, _config.MaxSeriesPerCollector)))];
        foreach (PlannedSlot each in slots) metrics.Observe(each.Slot);
        var queue = new SpoolQueue(delivery.Sink, delivery.Signals, metrics, _logger);
        var engine = new CollectionEngine(_time, MakeGroups(high, normal, delivery.Signals, slots), queue, metrics, _logger);
        CollectionLog.Started(_logger, string.Join(", ", slots.Select(static each => each.Slot.Collector.Name)), Duration.Format(_config.Interval), _config.DataDirectory);
        var desk = new CollectDesk(
            _config,
            _plan,
            (planned, ownedMs) => MakeGroup(planned.Lane == LaneKind.High ? high : normal, planned.Interval, planned.Collector.Name, delivery.Signals, [new CollectorSlot(planned.Collector, _time, _config.MaxSeriesPerCollector)], ownedMs),
            engine,
            _logger);
        delivery.Signals.Collect = order =>
        {
            CollectAnswer answer = desk.Take(order);
            loop.Wake();
            return answer;
        };
        Task spooling = queue.RunAsync();
        Ready?.Invoke();
        using var stopServing = new CancellationTokenSource();
        Task serving = ServeAsync(engine, loop, slots, stopServing.Token);
        await loop.RunAsync(engine, cancellationToken).ConfigureAwait(false);
        delivery.Signals.Collect = null;
        await stopServing.CancelAsync().ConfigureAwait(false);
        await serving.ConfigureAwait(false);
        await spooling.ConfigureAwait(false);
        CollectionLog.Stopped(_logger);
        foreach (PlannedSlot each in slots)
        {
            metrics.Forget(each.Slot);
            if (each.Slot.State is SlotState.Idle or SlotState.Done) each.Slot.Dispose();
        }
    }

    private async Task ServeAsync(CollectionEngine engine, CollectionLoop loop, PlannedSlot[] slots, CancellationToken cancellationToken)
    {
        if (_config.Listen is not { } address) return;
        long startedMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        using var instruments = new InstrumentReader();
        var pages = new LocalPages(instruments, SnapshotAsync, () => StatusReader.Describe(
            startedMs,
            [.. slots.Select(static each => CollectorStatus.Of(each.Slot, each.Planned.Lane, each.Planned.Interval))]));
        await new LocalListener(address, pages, _time, _logger).RunAsync(bound => CollectionLog.Listening(_logger, bound.ToString()), cancellationToken).ConfigureAwait(false);

        Task<IReadOnlyList<GroupSnapshot>> SnapshotAsync(CancellationToken gaveUp)
        {
            Task<IReadOnlyList<GroupSnapshot>> snapshot = engine.SnapshotAsync();
            loop.Wake();
            return snapshot.WaitAsync(gaveUp);
        }
    }

    private List<CollectionGroup> MakeGroups(Lane high, Lane normal, DeliverySignals signals, PlannedSlot[] slots)
    {
        var groups = new List<CollectionGroup>();
        foreach (IGrouping<(LaneKind Lane, TimeSpan Interval, string? Alone), PlannedSlot> shared in slots
            .GroupBy(static each => (each.Planned.Lane, each.Planned.Interval, each.Planned.IsAlone ? each.Planned.Collector.Name : null)))
        {
            Lane lane = shared.Key.Lane == LaneKind.High ? high : normal;
            groups.Add(MakeGroup(lane, shared.Key.Interval, shared.Key.Alone, signals, [.. shared.Select(static each => each.Slot)]));
        }

        // An agent without collectors still ticks and declares: the server can tell it from a silent one.
        if (groups.Count == 0) groups.Add(MakeGroup(high, _config.Interval, null, signals, []));
        return groups;
    }

    private CollectionGroup MakeGroup(Lane lane, TimeSpan interval, string? alone, DeliverySignals signals, CollectorSlot[] members, long ownedMs = 0)
    {
        long intervalMs = (long)interval.TotalMilliseconds;
        return new CollectionGroup(lane, alone, intervalMs, new FrameCadence(signals, intervalMs, new CadenceOptions(_config.FrameSeconds, _config.IsUplinkMetered)), members, ownedMs);
    }

    private readonly record struct PlannedSlot(PlannedCollector Planned, CollectorSlot Slot);
}
