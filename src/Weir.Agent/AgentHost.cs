using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
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
    private readonly CollectorPlan _plan;
    private readonly Func<Task<IDelivery>> _open;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _again;
    private AgentConfig _wanted;
    private CollectionRun? _run;

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
    internal AgentHost(AgentConfig config, ILoggerFactory loggers, TimeProvider time, CollectorPlan plan, Func<Task<IDelivery>> open)
    {
        _config = config;
        _wanted = config;
        _time = time;
        _plan = plan;
        _open = open;
        _logger = loggers.CreateLogger(LogCategory);
    }

    /// <summary>The collectors of this system.</summary>
    internal static CollectorPlan PlanOf(LinuxRoots roots, TimeProvider time, ILogger logger)
    {
        var shared = new CollectorShared(roots, time);
        return (config, only) => CollectorCatalog.Plan(config, roots, time, logger, shared, only);
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
            Task serving = ServeAsync(stopSending.Token);
            try
            {
                await CollectAsync(delivery, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await stopSending.CancelAsync().ConfigureAwait(false);
                await serving.ConfigureAwait(false);
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (sending.IsFaulted) await sending.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Collects as another configuration says, from the next tick on; goes on as it does where that means the same. What concerns identity, spool and uplink stays until the
    /// next start, and is named in the log.
    /// </summary>
    internal void Apply(AgentConfig config)
    {
        string[] later = [.. ConfigDifference.NeedStart(_config, config)];
        if (later.Length > 0) CollectionLog.NeedsStart(_logger, string.Join(", ", later));
        AgentConfig wanted = ConfigDifference.Collecting(_config, config);
        lock (_gate)
        {
            if (wanted == _wanted) return;
            _wanted = wanted;
            _again?.Cancel();
        }
    }

    // A configuration after another; delivery goes on meanwhile.
    private async Task CollectAsync(IDelivery delivery, CancellationToken cancellationToken)
    {
        Action? begun = Ready;
        using var metrics = new AgentMetrics();
        var clock = new TickClock(_time);
        Task ended = Task.CompletedTask;
        while (true)
        {
            using var again = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            AgentConfig config;
            lock (_gate)
            {
                _again = again;
                config = _wanted;
            }

            var run = new CollectionRun(config, _plan, delivery, metrics, clock, _time, _logger);
            Volatile.Write(ref _run, run);
            await run.RunAsync(begun, again.Token).ConfigureAwait(false);
            lock (_gate) _again = null;
            begun = null;
            // Its lanes may wait two seconds for collectors that are slow: the next begins meanwhile.
            ended = Task.WhenAll(ended, Task.Run(run.Dispose, CancellationToken.None));
            if (cancellationToken.IsCancellationRequested) break;
        }

        await ended.ConfigureAwait(false);
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        if (_config.Listen is not { } address) return;
        long startedMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        using var instruments = new InstrumentReader();
        var pages = new LocalPages(
            instruments,
            gaveUp => Volatile.Read(ref _run)?.SnapshotAsync(gaveUp) ?? Task.FromResult<IReadOnlyList<GroupSnapshot>>([]),
            () => StatusReader.Describe(startedMs, Volatile.Read(ref _run)?.Status() ?? []),
            () => Volatile.Read(ref _run)?.Processes() ?? ProcessInventory.None);
        await new LocalListener(address, pages, _time, _logger).RunAsync(bound => CollectionLog.Listening(_logger, bound.ToString()), cancellationToken).ConfigureAwait(false);
    }
}
