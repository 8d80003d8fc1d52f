using System.Globalization;
using Weir.Agent.Collectors;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Footprint;

/// <summary>The native weir-agent of <c>eng/publish</c>, sending to a weir.</summary>
internal sealed class WeirSide : IFootprintSide
{
    private static readonly TimeSpan StartPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StartPolling = TimeSpan.FromMilliseconds(300);

    private readonly HttpClient _http;
    private readonly string _work;
    private readonly string _listen;
    private readonly Uri _gateway;
    private readonly bool _isEqual;
    private ChildProcess? _agent;

    /// <summary>Makes it; <see cref="StartAsync"/> starts it.</summary>
    /// <param name="work">Where its files go.</param>
    /// <param name="gateway">Where it sends to.</param>
    /// <param name="isEqual">Whether it measures what all sides of a footprint have, all of it at each interval, instead of what it measures by default.</param>
    public WeirSide(string work, Uri gateway, bool isEqual = false)
    {
        _isEqual = isEqual;
        _work = work;
        _gateway = gateway;
        _listen = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take(1)[0]}");
        _http = new HttpClient { BaseAddress = new Uri($"http://{_listen}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>The native program.</summary>
    public static string Program => RepositoryRoot.Combine("artifacts", "publish", "linux-x64", "weir-agent");

    public string Name => "weir-agent (native)";

    public long ProgramBytes => new FileInfo(Program).Length;

    public IReadOnlyList<int> Processes => [_agent!.Id];

    /// <summary>Refuses to go on without it.</summary>
    /// <exception cref="ReplayFailedException">It is not published.</exception>
    public static void Require()
    {
        if (!File.Exists(Program)) throw new ReplayFailedException($"{Program} is missing: run eng/publish linux-x64");
    }

    public async Task StartAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        string config = Path.Combine(_work, "weir-agent.yaml");
        string settings = string.Create(CultureInfo.InvariantCulture, $"interval: {interval.TotalMilliseconds:0}ms\nlisten: {_listen}\n");
        if (_isEqual)
        {
            IEnumerable<string> others = CollectorCatalog.All.Select(static collector => collector.Name).Except(SharedGroups.Agent);
            settings += string.Create(CultureInfo.InvariantCulture, $"normal_interval: {interval.TotalMilliseconds:0}ms\ncollectors:\n{string.Concat(others.Select(static name => $"  {name}: {{ enabled: false }}\n"))}");
        }

        await File.WriteAllTextAsync(config, settings, cancellationToken);
        _agent = ChildProcess.Start(Program, "run", "--config", config, "--gateway", _gateway.Authority, "--data", Path.Combine(_work, "agent"));
        while (await CountSeriesAsync(cancellationToken) == 0) await Task.Delay(UntilItMayHaveRead(interval), cancellationToken);
    }

    // Behind a time of its grid only: an answer costs the agent 120 KB of garbage, and asked all the time for a second it grows by 13 MB before anything is measured.
    private static TimeSpan UntilItMayHaveRead(TimeSpan interval)
    {
        var since = TimeSpan.FromTicks((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks % interval.Ticks);
        return since < StartPolling ? StartPoll : interval - since;
    }

    public async Task<int> CountSeriesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await MetricsAsync(cancellationToken)).Count("system_", "process_", "hw_");
        }
        catch (HttpRequestException) when (_agent is { HasExited: false })
        {
            // It has not begun to listen.
            return 0;
        }
    }

    public async Task<TimeSpan?> TellStartAsync(CancellationToken cancellationToken) => TimeSpan.FromSeconds((await MetricsAsync(cancellationToken)).Sum("weir_agent_start_duration_seconds"));

    public async Task<double?> TellAllocatedAsync(CancellationToken cancellationToken) => (await MetricsAsync(cancellationToken)).Sum("dotnet_gc_heap_total_allocated_bytes_total");

    public async Task<string?> TellSelfAsync(CancellationToken cancellationToken)
    {
        MetricsPage page = await MetricsAsync(cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"garbage collections {page.Sum("dotnet_gc_collections_total")}, allocated {page.Sum("dotnet_gc_heap_total_allocated_bytes_total") / 1e6:0.0} MB, ticks {page.Sum("weir_agent_ticks_total")}, of single collectors lost {page.Sum("weir_agent_collector_lost_ticks_total")}");
    }

    /// <summary>What it says of itself, and its last tick.</summary>
    /// <exception cref="ReplayFailedException">It has ended.</exception>
    public Task<MetricsPage> MetricsAsync(CancellationToken cancellationToken) =>
        _agent is { HasExited: true } ? throw new ReplayFailedException($"{Program} ended with {_agent.ExitCode}:\n{_agent.Output}") : MetricsPage.ReadAsync(_http, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_agent is { HasExited: false }) await _agent.StopAsync(TimeSpan.FromSeconds(30));
        if (_agent is not null) await _agent.DisposeAsync();
        _http.Dispose();
    }
}
