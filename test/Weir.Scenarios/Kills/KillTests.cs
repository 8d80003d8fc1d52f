using System.Globalization;
using Weir.Scenarios.Replay;

namespace Weir.Scenarios.Kills;

/// <summary><c>kill -9</c> of the whole server, again and again under load: every acknowledged frame is stored, once.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 20;
    private const int Agents = 4;
    private const int MinAcks = 500;

    private readonly string _work = Directory.CreateTempSubdirectory("weir-kill-").FullName;

    [Fact]
    public async Task Twenty_kills_under_load_lose_nothing_and_double_nothing()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        string dll = WeirProcess.FindDll(), data = Path.Combine(_work, "data");
        int[] ports = FreePorts.Take(2);
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\ngate: { horizon_ahead: off, horizon_back: off }\n", cancellationToken);
        var up = new WeirUp { DataDirectory = data, ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1] };
        var random = new Random(20);
        LoadAgent[] agents = [.. Enumerable.Range(1, Agents).Select(number => new LoadAgent(number, new Uri($"http://127.0.0.1:{ports[1]}")))];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] sending = [.. agents.Select(agent => agent.RunAsync(stop.Token))];

        for (int kill = 0; kill < Kills; kill++)
        {
            await using WeirProcess weir = WeirProcess.StartUp(dll, up);
            await weir.WaitReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
            await Task.Delay(random.Next(20, 500), cancellationToken);
            await weir.KillAsync();
        }

        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, cancellationToken))
        {
            foreach (LoadAgent agent in agents) await agent.DrainAsync(TimeSpan.FromSeconds(60), cancellationToken);
            await stop.CancelAsync();
            await Task.WhenAll(sending);
            Assert.Equal(0, await weir.StopAsync(TimeSpan.FromSeconds(30), cancellationToken));
        }

        Assert.True(agents.Sum(static agent => agent.Acknowledged) > MinAcks, "too few frames were acknowledged to prove anything");
        Assert.True(agents.Sum(static agent => agent.SentAgain) > 0, "no frame was sent twice: the kills never struck between append and ack");
        foreach (LoadAgent agent in agents) await CheckAsync(dll, data, agent, cancellationToken);
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private static async Task CheckAsync(string dll, string data, LoadAgent agent, CancellationToken cancellationToken)
    {
        string from = (LoadAgent.FirstMs / 1000).ToString(CultureInfo.InvariantCulture), to = (agent.LastMs / 1000).ToString(CultureInfo.InvariantCulture);
        CommandResult result = await WeirProcess.RunAsync(
            dll, ["query", $$"""{host_name="{{agent.HostName}}"}""", "--from", from, "--to", to, "--data", data, "--output", "csv"], cancellationToken);
        Assert.True(result.ExitCode == 0, result.Errors);
        // QueryCsv refuses a (series, time) that stands twice.
        Dictionary<(string Series, long TimeMs), ulong> stored = QueryCsv.Parse(result.Output);
        Dictionary<(string Series, long TimeMs), ulong> expected = agent.Expected();
        ReplayExpectation.AssertSame(expected, stored);
    }
}
