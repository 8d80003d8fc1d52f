using Weir.Agent.Spooling;
using Weir.Log;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>Several hosts with network stacks of their own against one server: cables pulled, one way cut, packets too large for the way.</summary>
public sealed class NetworkTests : IDisposable
{
    private const int Hosts = 4;
    private const string Gateway = "10.77.0.1:7400";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-lab-").FullName;
    private readonly string _faultHost = BuiltProgram.Find("test/Weir.FaultHost", "weir-fault-host.dll");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Hosts_that_are_cut_off_one_way_or_both_lose_nothing()
    {
        Assert.SkipWhen(NetworkLab.Missing is not null, NetworkLab.Missing ?? "");
        await using NetworkLab lab = await NetworkLab.CreateAsync(Cancellation);
        await lab.AddHostAsync("server", 0, Cancellation);
        for (int i = 1; i <= Hosts; i++) await lab.AddHostAsync(Name(i), i, Cancellation);
        await using ChildProcess server = StartServer(lab);
        ChildProcess[] agents = [.. Enumerable.Range(1, Hosts).Select(i => StartAgent(lab, i))];
        try
        {
            foreach (int i in Enumerable.Range(1, Hosts)) await WaitForAcksAsync(i);
            await CutAsync(lab, agents);
            foreach (ChildProcess agent in agents) Assert.Equal(0, await agent.StopAsync(Limit, Cancellation));
        }
        finally
        {
            foreach (ChildProcess agent in agents) await agent.DisposeAsync();
        }

        foreach (int i in Enumerable.Range(1, Hosts)) await DrainAsync(lab, i);
        Assert.Equal(0, await server.StopAsync(Limit, Cancellation));
        var log = new SegmentArchive(Path.Combine(_directory, "server", "log"), Path.Combine(_directory, "log"));

        Verdict verdict = await Balance.OfAsync(Path.Combine(_directory, "server"), log, [.. Enumerable.Range(1, Hosts).Select(i => new AgentSpool(OracleAgent.ReadState(Data(i)), Spool(i)))], [], Cancellation);

        Assert.Null(verdict.Failure);
        Assert.True(verdict.DeliveredAgain > 0, "nothing was delivered twice: no cut struck between append and ack");
    }

    // A cut lasts until every agent behind it has given its connection up: what it sent last is with the server, and its answer is not with the agent.
    private static async Task CutAsync(NetworkLab lab, ChildProcess[] agents)
    {
        // Half of the hosts lose their cable.
        int[] attempts = Attempts(agents);
        for (int i = 1; i <= Hosts / 2; i++) await lab.OnHostAsync(Name(i), Cancellation, "link", "set", "eth0", "down");
        for (int i = 1; i <= Hosts / 2; i++) await WaitForAttemptAsync(i, agents, attempts);
        for (int i = 1; i <= Hosts / 2; i++) await lab.OnHostAsync(Name(i), Cancellation, "link", "set", "eth0", "up");
        // What the server says does not reach host 3; what host 4 says does not reach the server.
        attempts = Attempts(agents);
        await lab.OnHostAsync("server", Cancellation, "route", "add", "blackhole", $"{NetworkLab.AddressOf(3)}/32");
        await lab.OnHostAsync(Name(4), Cancellation, "route", "add", "blackhole", $"{NetworkLab.AddressOf(0)}/32");
        foreach (int i in (int[])[3, 4]) await WaitForAttemptAsync(i, agents, attempts);
        await lab.OnHostAsync("server", Cancellation, "route", "del", "blackhole", $"{NetworkLab.AddressOf(3)}/32");
        await lab.OnHostAsync(Name(4), Cancellation, "route", "del", "blackhole", $"{NetworkLab.AddressOf(0)}/32");
        // The server takes no packet of more than 576 bytes any more, and nobody tells the agents: they find out, or wait.
        await lab.OnHostAsync("server", Cancellation, "link", "set", "eth0", "mtu", "576");
        await Task.Delay(4000, Cancellation);
        await lab.OnHostAsync("server", Cancellation, "link", "set", "eth0", "mtu", "1500");
        await Task.Delay(2000, Cancellation);
    }

    private static int[] Attempts(ChildProcess[] agents) => [.. agents.Select(static agent => agent.Output.AsSpan().Count("Connecting to"))];

    private static Task WaitForAttemptAsync(int number, ChildProcess[] agents, int[] before) =>
        WaitUntilAsync(() => Attempts(agents)[number - 1] != before[number - 1], () => $"{Name(number)} holds on to its connection:\n{agents[number - 1].Output}");

    private static async Task WaitUntilAsync(Func<bool> holds, Func<string> otherwise)
    {
        long start = Environment.TickCount64;
        while (!holds())
        {
            Assert.True(Environment.TickCount64 - start < Limit.TotalMilliseconds, otherwise());
            await Task.Delay(50, Cancellation);
        }
    }

    private static string Name(int number) => $"host{number}";

    private string Data(int number) => Path.Combine(_directory, Name(number));

    private SegmentArchive Spool(int number) => new(Path.Combine(Data(number), "spool"), Path.Combine(_directory, $"spool{number}"));

    private ChildProcess StartServer(NetworkLab lab)
    {
        string config = Path.Combine(_directory, "weir.yaml");
        File.WriteAllText(config, "agent: { enabled: false }\nstore: { retention: off }\n");
        return lab.Start("server", "dotnet", WeirProcess.FindDll(), "up", "--insecure", "--data", Path.Combine(_directory, "server"), "--config", config, "--http", "127.0.0.1:7480", "--grpc", Gateway);
    }

    private ChildProcess StartAgent(NetworkLab lab, int number) =>
        lab.Start(Name(number), "dotnet", _faultHost, "agent", "--data", Data(number), "--gateway", Gateway, "--host", Name(number), "--interval-ms", "200");

    private Task WaitForAcksAsync(int number)
    {
        var acks = new AckFile(new PhysicalFileSystem(), Data(number));
        return WaitUntilAsync(() => acks.Read().Epochs.Any(static epoch => epoch.Settled.Ranges.Count > 0), () => $"{Name(number)} got no ack");
    }

    private async Task DrainAsync(NetworkLab lab, int number)
    {
        await using ChildProcess drain = lab.Start(Name(number), "dotnet", _faultHost, "drain", "--data", Data(number), "--gateway", Gateway, "--host", Name(number));
        Assert.True(await drain.WaitAsync(Limit, Cancellation) == 0, drain.Output);
    }
}
