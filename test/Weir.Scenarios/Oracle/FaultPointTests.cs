using Weir.Scenarios.Kills;
using Weir.TestKit.Network;

namespace Weir.Scenarios.Oracle;

/// <summary><c>kill -9</c> of agent and server at every named step of their durable code, each in its own process, one after the other on the same data.</summary>
public sealed class FaultPointTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-points-").FullName;
    private readonly OracleServer _server;
    private readonly OracleAgent _agent;
    private readonly LoadAgent _sender;

    public FaultPointTests()
    {
        // Small segments, so that each start rolls, and a budget of a few, so that it unlinks. What is not flushed is lost with the process.
        _server = new OracleServer(_directory, losesUnsynced: true, "1s", segmentBytes: 8192);
        _agent = new OracleAgent(_directory, "agent", new FaultProxy(_server.Gateways[0]), "--spool-bytes", "32768", "--segment-bytes", "4096", "--lose", "unsynced");
        _sender = new LoadAgent(1, new Uri($"http://{_server.Gateways[1]}"), pauseMs: 10);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_kill_at_every_named_step_of_agent_and_server_loses_nothing_and_doubles_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a process kills itself by a Linux signal");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task sending = _sender.RunAsync(stop.Token);
        await Task.WhenAll(
            KillAtEachAsync(FaultPoints.Server, faults => _server.Start(faults), () => _server.Process),
            KillAtEachAsync(FaultPoints.Agent, faults => _agent.Start(faults), () => _agent.Process));
        await _sender.DrainAsync(Limit, Cancellation);
        await stop.CancelAsync();
        await sending;
        Assert.Equal(0, await _agent.Process.StopAsync(Limit, Cancellation));
        await _agent.DrainAsync(Limit, Cancellation);
        Assert.Equal(0, await _server.Process.StopAsync(Limit, Cancellation));

        Verdict verdict = await Balance.OfAsync(_server.Data, _server.Log, [new AgentSpool(_agent.State, _agent.Spool, IsNarrow: true)], [_sender], Cancellation);

        Assert.Null(verdict.Failure);
        Assert.True(verdict.DeliveredAgain > 0, "nothing was delivered twice: no kill struck between append and ack");
        Assert.True(verdict.Acked > 100, "too little was acked to prove anything");
    }

    [Fact]
    public void Every_named_step_stands_in_the_document()
    {
        string document = File.ReadAllText(RepositoryRoot.Combine("docs", "reliability.md"));
        string[] unnamed = [.. FaultPoints.Agent.Concat(FaultPoints.Server).Select(static point => point.Split(':')[0]).Distinct().Where(step => !document.Contains($"`{step}`", StringComparison.Ordinal))];
        Assert.Empty(unnamed);
        Assert.All(Enum.GetNames<FaultKind>(), kind => Assert.Contains($"`{kind}`", document, StringComparison.Ordinal));
    }

    private static async Task KillAtEachAsync(IReadOnlyList<string> points, Action<string[]> start, Func<ChildProcess> process)
    {
        foreach (string point in points)
        {
            start([FaultPoints.At(point, 5)]);
            int code = await process().WaitAsync(Limit, Cancellation);
            Assert.True(code == 137, $"it should be killed at {point} and ended with code {code}:\n{process().Output}");
            await process().DisposeAsync();
        }

        start([]);
    }
}
