using System.Globalization;
using System.Net;
using Weir.Bench.Agents;
using Weir.Bench.Replay;
using Weir.TestKit.Network;
using Weir.TestKit.Processes;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Outage;

/// <summary>Fills spools, measures starts on one of them, then lets each agent drain into one server, beside agents without a backlog.</summary>
internal sealed class OutageRun(OutageSettings settings, TextWriter progress)
{
    private const int Starts = 9;
    private const string Settings = "interval: 100ms\nframe_seconds: 0";
    private const string LiveGroup = "high/100ms";
    private const string FirstTick = $"Group {LiveGroup} has";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly string _program = settings.Program ?? BenchAgent.Built;
    private readonly List<LiveTick> _draining = [];
    private readonly List<LiveTick> _quiet = [];
    private readonly List<LiveTick> _steady = [];

    public async Task<OutageReport> RunAsync(CancellationToken cancellationToken)
    {
        string work = Directory.CreateDirectory(Path.Combine(settings.Directory, $"weir-outage-{Guid.NewGuid():n}")).FullName;
        try
        {
            return await RunAsync(work, cancellationToken);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task<OutageReport> RunAsync(string work, CancellationToken cancellationToken)
    {
        var rows = new RecordingRows(Recording.Load(settings.Input));
        // Behind the age up to which entries are fresh, so that all of it is backlog.
        long endMs = (LiveWatch.NowMs() / 60_000 * 60_000) - 120_000;
        // The first is warming up, of the server above all.
        int count = settings.Agents + 1;
        BenchAgent[] agents = [.. Enumerable.Range(0, count).Select(i => Agent(work, $"outage-{i}"))];
        long begun = _time.GetTimestamp();
        long collected = 0;
        foreach ((int i, BenchAgent agent) in agents.Index())
        {
            await progress.WriteLineAsync($"spooling the outage of agent {i}");
            collected += await OutageFill.RunAsync(agent.InProcess(Nowhere()), rows, i * 37 % rows.Ticks, endMs, settings.Hours * 3600);
        }

        double fillSeconds = _time.GetElapsedTime(begun).TotalSeconds / count;
        SpoolContent[] spools = await Task.WhenAll(agents.Select(static agent => SpoolContent.ReadAsync(agent.Data)));
        if (spools.Sum(static spool => spool.Samples) != collected) throw new ReplayFailedException($"{collected} samples were collected, the spools hold {spools.Sum(static spool => spool.Samples)}");
        BenchAgent none = Agent(work, "none");
        (double[] starts, double[] emptyStarts) = await StartsAsync(agents[0], none, cancellationToken);
        BenchAgent[] quiet = [.. Enumerable.Range(0, count).Select(i => Agent(work, $"quiet-{i}"))];
        (List<double> drains, long stored, long made) = await DrainAsync(work, agents, [.. quiet, none], endMs, cancellationToken);
        return new OutageReport
        {
            Hours = settings.Hours,
            Series = rows.Schema.SeriesCount + 1,
            Agents = settings.Agents,
            SamplesEach = spools[0].Samples,
            Frames = spools[0].Frames.Count,
            Segments = spools[0].Segments,
            SpoolBytes = spools[0].Bytes,
            FillSeconds = fillSeconds,
            StartsMs = starts,
            EmptyStartsMs = emptyStarts,
            DrainSeconds = drains,
            Draining = LiveLatency.Of(_draining),
            Quiet = LiveLatency.Of(_quiet),
            Steady = LiveLatency.Of(_steady),
            Made = made,
            Stored = stored,
        };
    }

    private BenchAgent Agent(string work, string host) => new(_program, Path.Combine(work, host), host, Settings);

    // Killed each time, so that none finds what a clean end leaves. The first start is warming up: of the disk's cache and of the spool without a backlog.
    private async Task<(double[] Full, double[] Empty)> StartsAsync(BenchAgent full, BenchAgent empty, CancellationToken cancellationToken)
    {
        var times = new List<(double Full, double Empty)>();
        for (int i = 0; i <= Starts; i++) times.Add((await StartAsync(full, cancellationToken), await StartAsync(empty, cancellationToken)));
        return ([.. times.Skip(1).Select(static time => time.Full).Order()], [.. times.Skip(1).Select(static time => time.Empty).Order()]);
    }

    private async Task<double> StartAsync(BenchAgent agent, CancellationToken cancellationToken)
    {
        await using (agent)
        {
            long begun = _time.GetTimestamp();
            agent.Start(Nowhere());
            await agent.WaitForAsync(FirstTick, StartLimit, cancellationToken);
            double took = _time.GetElapsedTime(begun).TotalMilliseconds;
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"started in {took:N0} ms"));
            return took;
        }
    }

    private async Task<(List<double> Drains, long Stored, long Made)> DrainAsync(string work, BenchAgent[] agents, BenchAgent[] others, long endMs, CancellationToken cancellationToken)
    {
        string config = Path.Combine(work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", cancellationToken);
        await using WeirProcess weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), new WeirUp { DataDirectory = Path.Combine(work, "server"), ConfigFile = config }, cancellationToken);
        using var http = new HttpClient { BaseAddress = weir.Http };
        await using var link = new FaultProxy(new IPEndPoint(IPAddress.Loopback, weir.Grpc.Port)) { Up = new Toxic { BytesPerSecond = settings.LinkBytesPerSecond } };
        string gateway = settings.LinkBytesPerSecond == 0 ? weir.Grpc.Authority : link.EndPoint.ToString();
        var drains = new List<double>();
        foreach ((int i, BenchAgent agent) in agents.Index())
        {
            (double drained, TimeSpan watched) = await WatchDrainAsync(agent, $"outage-{i}", http, gateway, endMs, cancellationToken);
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"agent {i} has drained in {drained:N2} s"));
            await WatchQuietAsync(others[i], $"quiet-{i}", http, gateway, watched, cancellationToken);
            if (i > 0) drains.Add(drained);
            else foreach (List<LiveTick> ticks in (List<LiveTick>[])[_draining, _quiet, _steady]) ticks.Clear();
        }

        long made = 0;
        foreach (BenchAgent agent in (IEnumerable<BenchAgent>)[.. agents, .. others])
        {
            await agent.DrainAsync(gateway, DrainLimit, cancellationToken);
            made += (await SpoolContent.ReadAsync(agent.Data)).Samples;
        }

        long stored = await WaitStoredAsync(http, made, cancellationToken);
        int code = await weir.StopAsync(StopLimit, cancellationToken);
        return code == 0 ? (drains, stored, made) : throw new ReplayFailedException($"weir ended with code {code}:\n{weir.Output}");
    }

    private async Task<(double Drained, TimeSpan Watched)> WatchDrainAsync(BenchAgent agent, string host, HttpClient http, string gateway, long endMs, CancellationToken cancellationToken)
    {
        await using (agent)
        {
            long begun = _time.GetTimestamp();
            agent.Start(gateway);
            await agent.WaitForAsync("Connected to", StartLimit, cancellationToken);
            (long connected, long connectedMs) = (_time.GetTimestamp(), LiveWatch.NowMs());
            var watch = new LiveWatch(http, host, LiveGroup);
            while (!await watch.HasSpooledAsync(endMs, cancellationToken))
            {
                if (_time.GetElapsedTime(begun) > DrainLimit) throw new ReplayFailedException($"{host} has not drained after {DrainLimit.TotalMinutes} min");
                await LookAsync(watch, connectedMs, cancellationToken);
            }

            (TimeSpan drained, TimeSpan watched, long drainedMs) = (_time.GetElapsedTime(begun), _time.GetElapsedTime(connected), LiveWatch.NowMs());
            for (long steady = _time.GetTimestamp(); _time.GetElapsedTime(steady).TotalSeconds < settings.SteadySeconds;) await LookAsync(watch, connectedMs, cancellationToken);
            await agent.StopAsync(cancellationToken);
            _draining.AddRange(watch.Ticks.Where(tick => tick.TimeMs <= drainedMs));
            _steady.AddRange(watch.Ticks.Where(tick => tick.TimeMs > drainedMs));
            return (drained.TotalSeconds, watched);
        }
    }

    // As long as the drain beside it took, and asked as often.
    private async Task WatchQuietAsync(BenchAgent agent, string host, HttpClient http, string gateway, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using (agent)
        {
            agent.Start(gateway);
            await agent.WaitForAsync("Connected to", StartLimit, cancellationToken);
            (long connected, long connectedMs) = (_time.GetTimestamp(), LiveWatch.NowMs());
            var watch = new LiveWatch(http, host, LiveGroup);
            while (_time.GetElapsedTime(connected) < duration)
            {
                await watch.HasSpooledAsync(connectedMs, cancellationToken);
                await LookAsync(watch, connectedMs, cancellationToken);
            }

            long endMs = LiveWatch.NowMs();
            while (watch.Ticks is [] || watch.Ticks[^1].TimeMs <= endMs) await LookAsync(watch, connectedMs, cancellationToken);
            await agent.StopAsync(cancellationToken);
            _quiet.AddRange(watch.Ticks.Where(tick => tick.TimeMs <= endMs));
        }
    }

    private async Task LookAsync(LiveWatch watch, long sinceMs, CancellationToken cancellationToken)
    {
        await watch.LookAsync(sinceMs, cancellationToken);
        await Task.Delay(LookInterval, _time, cancellationToken);
    }

    private async Task<long> WaitStoredAsync(HttpClient http, long expected, CancellationToken cancellationToken)
    {
        for (long begun = _time.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellationToken))
        {
            ServerMetrics metrics = await ServerMetrics.ReadAsync(http, cancellationToken);
            if (metrics.Stored == expected) return metrics.Stored;
            string outcomes = string.Join(", ", metrics.WriterSamples.Select(static pair => $"{pair.Key} {pair.Value}"));
            if (metrics.Stored > expected || _time.GetElapsedTime(begun) > StoreLimit) throw new ReplayFailedException($"{expected} samples were made, the writer says: {outcomes}");
        }
    }

    // Nobody listens there.
    private static string Nowhere() => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take(1)[0]}");
}
