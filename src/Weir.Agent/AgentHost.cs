using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Uplinks;

namespace Weir.Agent;

/// <summary>A whole agent: collectors, lanes, spool and uplink.</summary>
/// <remarks>
/// Runs once. In process (<c>weir up</c>) it shares nothing with its neighbours but the logger factory: its ticks and collectors have threads of
/// their own. Stopping seals what was gathered, declares the open window, and leaves in the spool what the gateway has not acked.
/// </remarks>
public sealed class AgentHost
{
    private readonly AgentConfig _config;
    private readonly TimeProvider _time;
    private readonly LinuxRoots _roots;
    private readonly Func<Task<IDelivery>> _open;
    private readonly ILogger _logger;

    /// <summary>Makes an agent; <see cref="RunAsync"/> runs it.</summary>
    /// <param name="config">What it does. Its gateway must be well formed.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="time">The clock of its ticks.</param>
    public AgentHost(AgentConfig config, ILoggerFactory loggers, TimeProvider time)
        : this(config, loggers, time, new LinuxRoots(), () => SpoolDelivery.OpenAsync(config, loggers, time))
    {
    }

    internal AgentHost(AgentConfig config, ILoggerFactory loggers, TimeProvider time, LinuxRoots roots, Func<Task<IDelivery>> open)
    {
        _config = config;
        _time = time;
        _roots = roots;
        _open = open;
        _logger = loggers.CreateLogger("Weir.Agent.Collection");
    }

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
        List<CollectorSlot> slots = [];
        List<CollectionGroup> groups = MakeGroups(high, normal, delivery.Signals, slots);
        var queue = new SpoolQueue(delivery.Sink, delivery.Signals, metrics, _logger);
        var engine = new CollectionEngine(_time, groups, queue, metrics, _logger);
        CollectionLog.Started(_logger, string.Join(", ", slots.Select(static slot => slot.Collector.Name)), Duration.Format(_config.Interval), _config.DataDirectory);
        Task spooling = queue.RunAsync();
        await loop.RunAsync(engine, cancellationToken).ConfigureAwait(false);
        await spooling.ConfigureAwait(false);
        CollectionLog.Stopped(_logger);
        foreach (CollectorSlot slot in slots)
            if (slot.State is SlotState.Idle or SlotState.Done) slot.Dispose();
    }

    private List<CollectionGroup> MakeGroups(Lane high, Lane normal, DeliverySignals signals, List<CollectorSlot> slots)
    {
        var groups = new List<CollectionGroup>();
        foreach (IGrouping<(LaneKind Lane, TimeSpan Interval, string? Alone), PlannedCollector> shared in CollectorCatalog.Plan(_config, _roots, _time, _logger)
            .GroupBy(static planned => (planned.Lane, planned.Interval, planned.IsAlone ? planned.Collector.Name : null)))
        {
            CollectorSlot[] members = [.. shared.Select(planned => new CollectorSlot(planned.Collector, _time))];
            slots.AddRange(members);
            Lane lane = shared.Key.Lane == LaneKind.High ? high : normal;
            groups.Add(MakeGroup(lane, shared.Key.Interval, shared.Key.Alone, signals, members));
        }

        // An agent without collectors still ticks and declares: the server can tell it from a silent one.
        if (groups.Count == 0) groups.Add(MakeGroup(high, _config.Interval, null, signals, []));
        return groups;
    }

    private CollectionGroup MakeGroup(Lane lane, TimeSpan interval, string? alone, DeliverySignals signals, CollectorSlot[] members)
    {
        long intervalMs = (long)interval.TotalMilliseconds;
        return new CollectionGroup(lane, alone, intervalMs, new FrameCadence(signals, intervalMs, new CadenceOptions(_config.FrameSeconds, _config.IsUplinkMetered)), members);
    }
}
