using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Log;
using Weir.TestKit.Network;

namespace Weir.Scenarios.Oracle;

/// <summary>The data directory of an agent that has joined is copied, with entries in its spool that no gateway has yet, and all copies go on over TLS.</summary>
public sealed class CopiedMachineTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-copied-").FullName;
    private readonly OracleServer _server;
    private readonly OracleAgent[] _agents;
    private readonly HashSet<OracleAgent> _started = [];

    public CopiedMachineTests()
    {
        _server = new OracleServer(_directory, losesUnsynced: false, "off", segmentBytes: 8 << 20, tls: true);
        _agents = [.. ((string[])["one", "two", "three"]).Select((name, i) => new OracleAgent(_directory, name, new FaultProxy(_server.Gateways[i % 2])))];
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (OracleAgent agent in _agents) await agent.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Copies_of_an_agent_that_has_joined_end_as_hosts_of_their_own_and_everything_is_stored_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "segments are kept by second links");
        OracleAgent original = _agents[0];
        _server.Start();
        await _server.WaitReadyAsync(Limit, Cancellation);
        Start(original, await _server.CreateTokenAsync(Cancellation));
        await UntilAsync(() => HasSamplesAsync($"host_name=\"{original.Name}\""));
        AgentId id = original.State.AgentId;
        await _server.Process.KillAsync();
        await _server.Process.DisposeAsync();
        Assert.Equal(0, await original.Process.StopAsync(Limit, Cancellation));
        await original.Process.DisposeAsync();
        foreach (OracleAgent copy in _agents[1..]) Copy(original.Data, copy.Data);
        // The second cannot tell that it is a copy. The third starts on another machine than the one that is remembered.
        var state = new AgentStateFile(new PhysicalFileSystem(), _agents[2].Data);
        state.Write(state.Read()! with { Machine = MachineMark.Of("another", "another") });

        _server.Start();
        await _server.WaitReadyAsync(Limit, Cancellation);
        // The token is used up, and no copy ever had it.
        foreach (OracleAgent agent in _agents) Start(agent, token: null);
        await UntilAsync(() => Task.FromResult(_agents.Select(static agent => agent.State.AgentId).Distinct().Count() == _agents.Length));
        foreach (OracleAgent agent in _agents) await UntilAsync(() => HasSamplesAsync($"host_id=\"{agent.State.AgentId}\""));
        if (HostFacts.Machine() != default) Assert.Contains("this is another machine than before", _agents[2].Process.Output, StringComparison.Ordinal);
        foreach (OracleAgent agent in _agents) Assert.Equal(0, await agent.Process.StopAsync(Limit, Cancellation));
        foreach (OracleAgent agent in _agents) await agent.DrainAsync(Limit, Cancellation);
        CommandResult joined = await WeirProcess.RunAsync(BuiltProgram.Find("src/Weir.Server", "weir.dll"), ["enroll", "agent", "list", "--data", _server.Data], Cancellation);
        Assert.Equal(0, await _server.Process.StopAsync(Limit, Cancellation));

        Assert.Equal(_agents.Select(static agent => agent.State.AgentId.ToString()).Order(StringComparer.Ordinal), joined.Output.Skip(1).Select(static line => line.Split(' ')[0]));
        Assert.Equal(2, joined.Output.Count(line => line.Contains($"  {id}  trusted", StringComparison.Ordinal)));
        Verdict verdict = await Balance.OfAsync(_server.Data, _server.Log, [.. _agents.Select(static agent => new AgentSpool(agent.State, agent.Spool))], [], Cancellation);
        Assert.Null(verdict.Failure);
        Assert.Empty(verdict.Dropped);
        Assert.True(verdict.DeliveredAgain > 0, "nothing was pending when the spool was copied");
        TestContext.Current.SendDiagnosticMessage($"{verdict.Made} entries made, {verdict.Stored} stored, {verdict.DeliveredAgain} delivered again, {verdict.Samples} samples compared");
    }

    private void Start(OracleAgent agent, string? token)
    {
        agent.JoinWith(token, _server.Enroll);
        agent.Start();
        _started.Add(agent);
    }

    private async Task<bool> HasSamplesAsync(string host) => await _server.NewestMsAsync($"system_cpu_logical_count{{{host}}}", Cancellation) > 0;

    private async Task UntilAsync(Func<Task<bool>> isSo)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, $"not within {Limit}:\n{string.Join('\n', _started.Select(static agent => agent.Process.Output).Prepend(_server.Process.Output))}");
            await Task.Delay(200, Cancellation);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
