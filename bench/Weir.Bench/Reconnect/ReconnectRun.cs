using Weir.Agent.Uplinks;
using Weir.Bench.Replay;
using Weir.Frames;
using Weir.TestKit.Agents;
using Weir.TestKit.Processes;

namespace Weir.Bench.Reconnect;

/// <summary>Connects a fleet of agents to a server, restarts it as planned and by <c>kill -9</c>, and checks that every frame is stored once.</summary>
internal sealed class ReconnectRun(ReconnectSettings settings, TextWriter progress)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>Runs it.</summary>
    /// <exception cref="ReplayFailedException">Agents did not come back, or something was lost, stored twice or never made.</exception>
    public async Task<ReconnectReport> RunAsync(CancellationToken cancellationToken)
    {
        string work = Directory.CreateTempSubdirectory("weir-reconnect-").FullName;
        try
        {
            string config = Path.Combine(work, "weir.yaml");
            await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", cancellationToken);
            int[] ports = FreePorts.Take(2);
            return await RunAsync(new WeirUp { DataDirectory = Path.Combine(work, "data"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1] }, cancellationToken);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task<ReconnectReport> RunAsync(WeirUp up, CancellationToken cancellationToken)
    {
        string dll = WeirProcess.FindDll();
        WeirProcess server = await WeirProcess.UpAsync(dll, up, cancellationToken);
        var record = new ConnectionRecord(settings.Agents, _time);
        var agents = new List<FleetAgent>(settings.Agents);
        using var stopCollecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopConnecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task connecting = Task.CompletedTask, collecting = Task.CompletedTask;
        try
        {
            var uplink = new UplinkOptions([server.Grpc], "bench", Environment.OSVersion.VersionString) { SustainedSuccess = settings.SustainedSuccess };
            for (int i = 0; i < settings.Agents; i++) agents.Add(await FleetAgent.OpenAsync(i, uplink, record, _time));
            Schema schema = new TestAgent(1).Schema;
            progress.WriteLine($"{settings.Agents} agents connect at once");
            connecting = Task.WhenAll(agents.Select(agent => Task.Run(() => agent.ConnectAsync(stopConnecting.Token), CancellationToken.None)));
            collecting = Task.WhenAll(agents.Select((agent, index) => agent.CollectAsync(schema, FleetAgent.Interval * index / settings.Agents, stopCollecting.Token)));
            await WaitAsync(() => record.WelcomedSince(TimeSpan.Zero) == settings.Agents, "connected", server, cancellationToken);
            TimeSpan connected = record.Now;
            var restarts = new List<Restart>();
            foreach (RestartKind kind in Enum.GetValues<RestartKind>())
            {
                await Task.Delay(settings.Steady, _time, cancellationToken);
                progress.WriteLine(kind == RestartKind.Planned ? "restart by SIGTERM" : "kill -9");
                TimeSpan asked = record.Now;
                if (kind == RestartKind.Planned) await server.StopAsync(Patience, cancellationToken);
                else await server.KillAsync();
                TimeSpan gone = record.Now;
                await server.DisposeAsync();
                if (kind == RestartKind.Killed) await Task.Delay(settings.Down, _time, cancellationToken);
                server = await WeirProcess.UpAsync(dll, up, cancellationToken);
                TimeSpan ready = record.Now;
                await WaitAsync(() => record.WelcomedSince(gone) == settings.Agents, "back", server, cancellationToken);
                restarts.Add(new Restart(kind, asked, gone, ready, record.Now));
            }

            await stopCollecting.CancelAsync();
            await collecting;
            await WaitAsync(() => agents.TrueForAll(static agent => agent.IsAcked), "acked", server, cancellationToken);
            TimeSpan end = record.Now;
            ConnectionEvent[] events = record.Events;
            await stopConnecting.CancelAsync();
            await connecting;
            int code = await server.StopAsync(Patience, cancellationToken);
            if (code != 0) throw new ReplayFailedException($"weir ended with code {code}:\n{server.Output}");
            int stored = await FleetStored.CheckAsync(dll, up.DataDirectory, agents, schema.SeriesCount, cancellationToken);
            return new ReconnectReport { Agents = settings.Agents, ConnectedAt = connected, Restarts = restarts, Events = events, End = end, Frames = agents.Sum(static agent => agent.Ticks.Count), StoredSamples = stored };
        }
        finally
        {
            await stopCollecting.CancelAsync();
            await stopConnecting.CancelAsync();
            await Task.WhenAll(collecting, connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await server.DisposeAsync();
            foreach (FleetAgent agent in agents) await agent.DisposeAsync();
        }
    }

    private async Task WaitAsync(Func<bool> isSo, string what, WeirProcess server, CancellationToken cancellationToken)
    {
        for (long begun = _time.GetTimestamp(); !isSo(); await Task.Delay(PollInterval, _time, cancellationToken))
            if (_time.GetElapsedTime(begun) > Patience) throw new ReplayFailedException($"not everything is {what} after {Patience.TotalSeconds} s; weir wrote:\n{server.Output}");
    }
}
