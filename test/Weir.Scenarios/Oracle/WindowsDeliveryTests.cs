using System.Globalization;
using Weir.TestKit.Network;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>The Windows agent as it ships, under wine and on plaintext loopback: killed, cut off and without a server in turns, it loses nothing.</summary>
[Collection(PublishCollection.Name)]
public sealed class WindowsDeliveryTests : IAsyncDisposable
{
    private const string Name = "windows";
    private const int Rounds = 3;
    private const int MaxCrashes = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-windows-").FullName;
    private readonly OracleServer _server;
    private readonly FaultProxy _proxy;
    private readonly SegmentArchive _spool;
    private ChildProcess? _agent;
    private int _crashes;

    public WindowsDeliveryTests()
    {
        _server = new OracleServer(_directory, losesUnsynced: true, "off", segmentBytes: 64 << 20);
        _proxy = new FaultProxy(_server.Gateways[0]);
        _spool = new SegmentArchive(Path.Combine(Data, "spool"), Path.Combine(_directory, "spool"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "agent");

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null) await _agent.DisposeAsync();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_Windows_agent_through_kills_and_cuts_loses_nothing_and_doubles_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && WindowsAgentTests.Wine is not null, "wine64 is missing (Debian: apt-get install wine64)");
        await Published.ShipAsync("win-x64", Cancellation);
        // Makes the prefix; and ends wine's own services, here and below.
        ScriptResult once = await Script.RunAsync("eng/wine", ["agent", "--version"], Cancellation);
        Assert.True(once.ExitCode == 0, once.ToString());
        await File.WriteAllTextAsync(Path.Combine(_directory, "agent.yaml"), $"host: {{ name: {Name} }}\ninterval: 200ms\nframe_seconds: 0\n", Cancellation);
        _server.Start();
        await _server.WaitReadyAsync(Limit, Cancellation);
        try
        {
            for (int round = 0; round < Rounds; round++) await RunRoundAsync();
        }
        finally
        {
            await Script.RunAsync("eng/wine", ["agent", "--version"], CancellationToken.None);
        }

        await using (ChildProcess drain = ChildProcess.Start(
            "dotnet", BuiltProgram.Find("test/Weir.FaultHost", "weir-fault-host.dll"), "drain", "--data", Data, "--gateway", _proxy.EndPoint.ToString(), "--host", Name))
            Assert.True(await drain.WaitAsync(Limit, Cancellation) == 0, drain.Output);
        Assert.Equal(0, await _server.Process.StopAsync(Limit, Cancellation));

        Verdict verdict = await Balance.OfAsync(_server.Data, _server.Log, [new AgentSpool(OracleAgent.ReadState(Data), _spool)], [], Cancellation);

        Assert.Null(verdict.Failure);
        Assert.True(verdict.DeliveredAgain > 0, "nothing was delivered twice: no fault struck between append and ack");
        Assert.True(verdict.Samples > 100, "too few samples to prove anything");
    }

    private async Task RunRoundAsync()
    {
        StartAgent();
        await WaitForFreshAsync();
        _proxy.Reset();
        await _server.Process.KillAsync();
        await _server.Process.DisposeAsync();
        await Task.Delay(1000, Cancellation);
        _server.Start();
        await _server.WaitReadyAsync(Limit, Cancellation);
        await WaitForFreshAsync();
        await _agent!.DisposeAsync();
    }

    private void StartAgent() => _agent = ChildProcess.Start(
        WindowsAgentTests.Wine!,
        [new("WINEPREFIX", RepositoryRoot.Combine("artifacts", "wine")), new("WINEARCH", "win64"), new("WINEDEBUG", "-all")],
        [
            RepositoryRoot.Combine("artifacts", "publish", "win-x64", "weir-agent.exe"), "run", "--config", $"Z:{_directory}/agent.yaml", "--data", $"Z:{Data}",
            "--gateway", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_proxy.EndPoint.Port}"),
        ]);

    private async Task WaitForFreshAsync()
    {
        long start = Environment.TickCount64, startMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        while (await _server.NewestMsAsync($$"""system_memory_limit_bytes{host_name="{{Name}}"}""", Cancellation) <= startMs)
        {
            // Wine 8 now and then ends .NET with an internal error of the runtime: a kill like the others, that must cost nothing either.
            if (_agent!.HasExited && ++_crashes <= MaxCrashes && _agent.Output.Contains("Internal CLR error", StringComparison.Ordinal)) StartAgent();
            Assert.False(_agent.HasExited, $"the agent ended by itself:\n{_agent.Output}");
            Assert.True(Environment.TickCount64 - start < Limit.TotalMilliseconds, $"no fresh samples after {Limit}:\n{_agent.Output}");
            await Task.Delay(100, Cancellation);
        }
    }
}
