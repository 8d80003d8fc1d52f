using System.Globalization;
using Weir.Protocol.V1;
using Weir.Scenarios.Replay;
using Weir.TestKit.Agents;

namespace Weir.Scenarios.Gateways;

/// <summary>Two gateways in one process on one log.</summary>
public sealed class TwoGatewaysTests : IDisposable
{
    private const long T0 = 1_700_000_000_000;
    private const int Frames = 50;

    private readonly string _work = Directory.CreateTempSubdirectory("weir-gateways-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task The_same_spool_sent_to_both_is_stored_once()
    {
        (string dll, WeirUp up, Uri second) = await PrepareAsync();
        var agent = new TestAgent(1);
        byte[][] entries = [agent.EpochStart(T0), .. agent.Objects(T0), .. Enumerable.Range(0, Frames).Select(i => agent.Frame(T0 + (i * 1000)))];
        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation))
        {
            using TestStream one = await TestStream.ConnectAsync(weir.Grpc, agent.Id, Cancellation);
            using TestStream two = await TestStream.ConnectAsync(second, agent.Id, Cancellation);
            await Task.WhenAll(SendOneByOneAsync(one, agent, entries), SendOneByOneAsync(two, agent, entries));
            await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation);
        }

        // Once more after a restart: what was settled is remembered.
        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation))
        {
            using TestStream again = await TestStream.ConnectAsync(second, agent.Id, Cancellation);
            await SendOneByOneAsync(again, agent, entries);
            await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation);
        }

        Dictionary<(string Series, long TimeMs), ulong> stored = await QueryAsync(dll, up, agent);
        Assert.Equal(Frames * agent.Schema.SeriesCount, stored.Count);
        for (int i = 0; i < Frames; i++)
            Assert.Equal(BitConverter.DoubleToUInt64Bits(TestAgent.Value(1, 0, T0 + (i * 1000))), stored.Single(sample => sample.Key.TimeMs == T0 + (i * 1000) && sample.Key.Series.Contains("\"i0\"", StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task A_restored_snapshot_of_a_running_machine_is_quarantined_and_told_to_draw_a_new_epoch()
    {
        (string dll, WeirUp up, Uri second) = await PrepareAsync();
        var agent = new TestAgent(1);
        IReadOnlyList<byte[]> objects = agent.Objects(T0);
        byte[] frame = agent.Frame(T0), otherFrame = agent.Frame(T0, seq: 3, shift: 100);
        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation))
        {
            using TestStream machine = await TestStream.ConnectAsync(weir.Grpc, agent.Id, Cancellation);
            await machine.DeliverAsync(agent, [.. objects, frame], Cancellation);
            await WaitStoredAsync(weir, 3);
            using TestStream copy = await TestStream.ConnectAsync(second, agent.Id, Cancellation);
            await copy.DeliverAsync(agent, [.. objects, otherFrame], Cancellation);
            ToAgent message = await copy.ReadAsync(Cancellation);
            Assert.Equal(agent.Epoch, message.Directive.NewEpoch.Epoch);
            await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation);
        }

        Dictionary<(string Series, long TimeMs), ulong> stored = await QueryAsync(dll, up, agent);
        Assert.Equal(agent.Schema.SeriesCount, stored.Count);
        Assert.Contains(BitConverter.DoubleToUInt64Bits(TestAgent.Value(1, 0, T0)), stored.Values);
    }

    private async Task<(string Dll, WeirUp Up, Uri Second)> PrepareAsync()
    {
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\ngate: { horizon_ahead: off, horizon_back: off }\n", Cancellation);
        int[] ports = FreePorts.Take(3);
        string second = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports[2]}");
        var up = new WeirUp
        {
            DataDirectory = Path.Combine(_work, "data"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1], MoreArguments = ["--grpc", second],
        };
        return (WeirProcess.FindDll(), up, new Uri($"http://{second}"));
    }

    private static async Task SendOneByOneAsync(TestStream stream, TestAgent agent, byte[][] entries)
    {
        foreach (byte[] entry in entries) await stream.DeliverAsync(agent, [entry], Cancellation);
    }

    private static async Task WaitStoredAsync(WeirProcess weir, int samples)
    {
        using var http = new HttpClient { BaseAddress = weir.Http };
        while (true)
        {
            string metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);
            string? line = metrics.Split('\n').FirstOrDefault(static line => line.StartsWith("weir_writer_samples_total{", StringComparison.Ordinal) && line.Contains("outcome=\"stored\"", StringComparison.Ordinal));
            if (line is not null && double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) >= samples) return;
            await Task.Delay(50, Cancellation);
        }
    }

    private static async Task<Dictionary<(string Series, long TimeMs), ulong>> QueryAsync(string dll, WeirUp up, TestAgent agent)
    {
        string from = ((T0 / 1000) - 60).ToString(CultureInfo.InvariantCulture), to = ((T0 / 1000) + 600).ToString(CultureInfo.InvariantCulture);
        CommandResult result = await WeirProcess.RunAsync(
            dll, ["query", $$"""{host_id="{{agent.Id}}"}""", "--from", from, "--to", to, "--data", up.DataDirectory, "--output", "csv"], Cancellation);
        Assert.True(result.ExitCode == 0, result.Errors);
        return QueryCsv.Parse(result.Output);
    }
}
