using System.Net.Security;
using Weir.Bench.Replay;
using Weir.TestKit.Agents;
using Weir.TestKit.Processes;

namespace Weir.Bench.Connect;

/// <summary>Opens connections to a server one after another, each with its first frame, and sends further frames over them.</summary>
internal sealed class ConnectRun(int connections, TextWriter progress)
{
    private const long FirstMs = 1_700_000_000_000;
    private const int Series = 500;
    private const int FurtherFrames = 10;

    // What the server does for the first time lies in these, which do not count.
    private const double WarmUpShare = 0.25;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>Measures connections of one kind, over a server of their own.</summary>
    /// <exception cref="ReplayFailedException">The server did not end well.</exception>
    public async Task<ConnectReport> RunAsync(bool isTls, CancellationToken cancellationToken)
    {
        string work = Directory.CreateTempSubdirectory("weir-connect-").FullName;
        try
        {
            string config = Path.Combine(work, "weir.yaml"), dll = WeirProcess.FindDll("Release"), data = Path.Combine(work, "data");
            await File.WriteAllTextAsync(config, $"agent: {{ enabled: false }}\ngate: {{ horizon_ahead: off, horizon_back: off }}\n{(isTls ? "grpc: { tls: true }\n" : "")}", cancellationToken);
            int enroll = FreePorts.Take(1)[0];
            await using WeirProcess weir = await WeirProcess.UpAsync(dll, new WeirUp { DataDirectory = data, ConfigFile = config, EnrollPort = enroll }, cancellationToken);
            TestAgent[] agents = [.. Enumerable.Range(0, connections).Select(static number => new TestAgent(number, Series))];
            SslClientAuthenticationOptions[]? tls = null;
            if (isTls)
            {
                progress.WriteLine("joining");
                tls = await ReplayIdentity.JoinAsync(dll, data, new Uri($"https://127.0.0.1:{enroll}"), [.. agents.Select(static agent => TestStream.Bytes(agent.Id).ToByteArray())], cancellationToken);
            }

            Uri gateway = isTls ? new UriBuilder(weir.Grpc) { Scheme = Uri.UriSchemeHttps }.Uri : weir.Grpc;
            ConnectReport report = await MeasureAsync(weir.Id, gateway, agents, tls, cancellationToken);
            int code = await weir.StopAsync(StopLimit, cancellationToken);
            return code == 0 ? report : throw new ReplayFailedException($"weir ended with code {code}:\n{weir.Output}");
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task<ConnectReport> MeasureAsync(int server, Uri gateway, TestAgent[] agents, SslClientAuthenticationOptions[]? tls, CancellationToken cancellationToken)
    {
        int warm = (int)(agents.Length * WarmUpShare);
        var streams = new List<TestStream>();
        List<TimeSpan> welcomes = [], firstAcks = [], acks = [];
        try
        {
            progress.WriteLine("connecting");
            TimeSpan openCpu = await CpuOfAsync(async index =>
            {
                byte[][] entries = [agents[index].EpochStart(FirstMs), .. agents[index].Objects(FirstMs), agents[index].Frame(FirstMs)];
                long start = _time.GetTimestamp();
                streams.Add(await TestStream.ConnectAsync(gateway, agents[index].Id, cancellationToken, tls: tls?[index]));
                TimeSpan welcomed = _time.GetElapsedTime(start);
                await streams[index].DeliverAsync(agents[index], entries, cancellationToken);
                if (index < warm) return;
                welcomes.Add(welcomed);
                firstAcks.Add(_time.GetElapsedTime(start));
            });
            progress.WriteLine("sending further frames");
            TimeSpan frameCpu = await CpuOfAsync(async index =>
            {
                for (int frame = 1; frame <= FurtherFrames; frame++)
                {
                    byte[] entry = agents[index].Frame(FirstMs + (frame * TestAgent.IntervalMs));
                    long start = _time.GetTimestamp();
                    await streams[index].DeliverAsync(agents[index], [entry], cancellationToken);
                    if (index >= warm) acks.Add(_time.GetElapsedTime(start));
                }
            });
            return new ConnectReport(tls is null ? "plaintext" : "TLS", [.. welcomes.Order()], [.. firstAcks.Order()], openCpu / firstAcks.Count, [.. acks.Order()], frameCpu / acks.Count);
        }
        finally
        {
            foreach (TestStream stream in streams) stream.Dispose();
        }

        async Task<TimeSpan> CpuOfAsync(Func<int, Task> each)
        {
            for (int index = 0; index < warm; index++) await each(index);
            TimeSpan before = ProcessUsage.Of(server).Cpu;
            for (int index = warm; index < agents.Length; index++) await each(index);
            return ProcessUsage.Of(server).Cpu - before;
        }
    }
}
