using Weir.Scenarios.Kills;
using Weir.TestKit.Network;

namespace Weir.Scenarios.Oracle;

/// <summary>
/// One run of the oracle: a server of two gateways, an agent as it ships, two agents on failing file systems and clocks and two that only send, all behind
/// fault proxies; faults by a seed; then peace, and the balance of everything that was made.
/// </summary>
internal sealed class DeliveryRun : IAsyncDisposable
{
    private const int MinAcked = 100;
    private const int MinFaults = 5;
    private const string Narrow = "narrow";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    private readonly string _directory;
    private readonly int _seed;
    private readonly int _lengthMs;
    private readonly OracleServer _server;
    private readonly List<OracleAgent> _agents = [];
    private readonly List<(LoadAgent Agent, FaultProxy Proxy)> _senders = [];
    private readonly RunReport _report;
    private readonly bool _tls;
    private readonly string? _keep;
    private bool _passed;

    /// <summary>Makes a run.</summary>
    /// <param name="seed">Of its faults.</param>
    /// <param name="lengthMs">How long faults happen.</param>
    /// <param name="keep">Directory where a run that failed leaves everything; null: it leaves nothing.</param>
    public DeliveryRun(int seed, int lengthMs, string? keep = null)
    {
        _keep = keep;
        _directory = keep is null ? Directory.CreateTempSubdirectory("weir-oracle-").FullName : Directory.CreateDirectory(Path.Combine(keep, $"seed-{seed}")).FullName;
        _seed = seed;
        _lengthMs = lengthMs;
        _report = new RunReport(seed);
        _tls = seed % 3 != 2;
        bool losesUnsynced = seed % 2 == 0;
        _server = new OracleServer(_directory, losesUnsynced, seed % 4 == 3 ? "off" : "2s", seed % 5 == 0 ? 64 << 10 : 64 << 20, _tls);
        string[] lose = losesUnsynced ? ["--lose", "unsynced"] : [];
        _agents.Add(new OracleAgent(_directory, "shipped", Proxy(0)));
        _agents.Add(new OracleAgent(_directory, "failing", Proxy(1), ["--spool-bytes", "4194304", "--segment-bytes", "16384", .. lose]));
        // A budget that an outage of seconds fills: it gives up entries behind tombstones.
        _agents.Add(new OracleAgent(_directory, Narrow, Proxy(0), ["--spool-bytes", "32768", "--segment-bytes", "4096", .. lose]));
        for (int i = 1; i <= 2; i++)
        {
            FaultProxy proxy = Proxy(i);
            _senders.Add((new LoadAgent(i, new Uri($"{(_tls ? "https" : "http")}://{proxy.EndPoint}"), pauseMs: 10), proxy));
        }
    }

    /// <summary>Runs it whole.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">A promise was broken, or the run saw too little to prove anything.</exception>
    public async Task<RunReport> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _server.Start();
        await _server.WaitReadyAsync(Limit, cancellationToken);
        if (_tls) await JoinAsync(cancellationToken);
        foreach (OracleAgent agent in _agents) agent.Start();
        (long start, long startMs) = Now();
        await WaitFreshAsync(start, startMs, static (_, _) => { }, cancellationToken);
        foreach (OracleAgent agent in _agents) SpoolFaults.BackUp(agent);
        Task[] sending = [.. _senders.Select(sender => sender.Agent.RunAsync(stop.Token))];
        var driver = new FaultDriver(_server, _tls, _agents, _report.Happened);
        Task network = HarmSendersAsync(stop.Token);
        await driver.RunAsync(PlannedFault.Plan(_seed, _lengthMs), cancellationToken);
        Assert.True(driver.Problems.IsEmpty, string.Join('\n', driver.Problems));
        await HealAsync(cancellationToken);
        foreach ((LoadAgent agent, FaultProxy proxy) in _senders) await DeliverAgainAsync(agent, proxy, cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(sending);
        await network;
        await StopAgentsAsync(cancellationToken);
        Assert.Equal(0, await _server.Process.StopAsync(Limit, cancellationToken));
        _report.Verdict = await Balance.OfAsync(
            _server.Data, _server.Log, [.. _agents.Select(static agent => new AgentSpool(agent.State, agent.Spool, agent.DamagedAt != default, agent.Name == Narrow))], [.. _senders.Select(static sender => sender.Agent)], cancellationToken);
        Assert.True(_report.Verdict.Failure is null, $"{_report.Verdict.Failure}{_report}");
        bool isVacuous = _report.Verdict.Acked < MinAcked || _report.Faults < MinFaults || _report.Verdict.DeliveredAgain == 0;
        Assert.False(isVacuous, $"it saw too little to prove anything: {_report}");
        _passed = true;
        return _report;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (OracleAgent agent in _agents) await agent.DisposeAsync();
        foreach ((LoadAgent _, FaultProxy proxy) in _senders) await proxy.DisposeAsync();
        await _server.DisposeAsync();
        if (_passed || _keep is null) Directory.Delete(_directory, recursive: true);
    }

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        string token = await _server.CreateTokenAsync(cancellationToken);
        foreach (OracleAgent agent in _agents) agent.JoinWith(token, _server.Enroll);
        foreach ((LoadAgent agent, FaultProxy _) in _senders) await agent.JoinAsync(token, _server.Enroll, cancellationToken);
    }

    private FaultProxy Proxy(int gateway) => new(_server.Gateways[gateway % _server.Gateways.Count], _seed);

    // Their connections break off all the time: what was sent and not acked goes again, by the other gateway.
    private async Task HarmSendersAsync(CancellationToken cancellationToken)
    {
        var random = new Random(_seed);
        for (int i = 0; !cancellationToken.IsCancellationRequested && i < _lengthMs / 500; i++)
        {
            await Task.Delay(random.Next(200, 800), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            FaultProxy proxy = _senders[i % _senders.Count].Proxy;
            proxy.Upstream = _server.Gateways[random.Next(_server.Gateways.Count)];
            if (proxy.Reset() > 0) _report.Happened(FaultKind.Reset);
        }
    }

    // However little the faults have struck: each sender connects once more and sends what was acked before.
    private static async Task DeliverAgainAsync(LoadAgent agent, FaultProxy proxy, CancellationToken cancellationToken)
    {
        int openings = agent.Openings;
        proxy.Reset();
        while (agent.Openings == openings) await Task.Delay(20, cancellationToken);
        await agent.DrainAsync(Limit, cancellationToken);
    }

    // Everything runs and reaches everything; then every host must have samples of after that in answers.
    private async Task HealAsync(CancellationToken cancellationToken)
    {
        (long start, long startMs) = Now();
        foreach (OracleAgent agent in _agents)
        {
            agent.Proxy.Heal();
            await File.WriteAllTextAsync(agent.ClockFile, "0\n", cancellationToken);
        }

        await File.WriteAllTextAsync(OracleServer.MendedIn(_directory), "", cancellationToken);
        await _server.WaitReadyAsync(Limit, cancellationToken);
        await WaitFreshAsync(start, startMs, _report.Fresh, cancellationToken);
    }

    private static (long Ticks, long Ms) Now() => (Environment.TickCount64, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    // Until every host has samples in answers that are younger than the start.
    private async Task WaitFreshAsync(long start, long startMs, Action<string, TimeSpan> fresh, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_agents.Select(WaitAsync));

        async Task WaitAsync(OracleAgent agent)
        {
            while (await _server.NewestMsAsync($$"""system_memory_limit_bytes{host_name="{{agent.Name}}"}""", cancellationToken) <= startMs)
            {
                Assert.False(agent.Process.HasExited, $"{agent.Name} ended by itself:\n{agent.Process.Output}");
                Assert.True(Environment.TickCount64 - start < Limit.TotalMilliseconds, $"no fresh samples of {agent.Name} after {Limit}:\n{agent.Process.Output}\n{_server.Process.Output}");
                await Task.Delay(100, cancellationToken);
            }

            fresh(agent.Name, TimeSpan.FromMilliseconds(Environment.TickCount64 - start));
        }
    }

    private async Task StopAgentsAsync(CancellationToken cancellationToken)
    {
        foreach (OracleAgent agent in _agents) Assert.Equal(0, await agent.Process.StopAsync(Limit, cancellationToken));
        await Task.WhenAll(_agents.Select(agent => agent.DrainAsync(Limit, cancellationToken)));
    }
}
