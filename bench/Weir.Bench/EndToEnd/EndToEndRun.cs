using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using Weir.Bench.Replay;
using Weir.Log;
using Weir.TestKit.Network;
using Weir.TestKit.Processes;
using Weir.TestKit.Recordings;

namespace Weir.Bench.EndToEnd;

/// <summary>Starts a server, replays a recording into it, waits until all of it can be queried, stops the server and reports.</summary>
internal sealed class EndToEndRun(EndToEndSettings settings, TextWriter progress)
{
    private const string Config = """
        agent: { enabled: false }
        """ + "\n" + StoreConfig + "\n" + """
        gate: { horizon_ahead: off, horizon_back: off }

        """;

    private const string StoreConfig = "store: { retention: off, retention_bytes: off, seal_interval: off }";

    // Small steps, so that a run of a minute seals many times.
    private const string SealConfig = "store: { retention: off, retention_bytes: off, seal_interval: 15s, upkeep_share: 1 }";

    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SealLimit = TimeSpan.FromSeconds(600);
    private static readonly TimeSpan SealPollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    // The part of the samples whose acks end the warm-up: what the server does for the first time lies before.
    private const double WarmUpShare = 0.25;

    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>The hosts that replayed, in order; empty before <see cref="RunAsync"/> has ended.</summary>
    public IReadOnlyList<ReplayHost> Hosts { get; private set; } = [];

    /// <summary>Runs it.</summary>
    /// <exception cref="ReplayFailedException">Something was refused, lost or stored twice.</exception>
    public async Task<EndToEndReport> RunAsync(CancellationToken cancellationToken)
    {
        var recording = Recording.Load(settings.Input);
        progress.WriteLine($"{settings.Input}: {recording.Ticks} snapshots of {recording.Series.Count} series{(recording.Cut is { } cut ? $"; {cut}" : "")}");
        string work = Directory.CreateTempSubdirectory("weir-bench-").FullName;
        try
        {
            string config = Path.Combine(work, "weir.yaml");
            await File.WriteAllTextAsync(config, ConfigText(), cancellationToken);
            string data = settings.DataDirectory ?? Path.Combine(work, "data");
            Directory.CreateDirectory(data);
            if (Directory.EnumerateFileSystemEntries(data).Any()) throw new ReplayFailedException($"{data} is not empty: the figures would be those of another run");
            using var plan = new ReplayPlan(recording, settings.Seconds, settings.Ticks);
            string dll = settings.WeirDll ?? WeirProcess.FindDll("Release");
            int enroll = FreePorts.Take(1)[0];
            await using WeirProcess weir = await WeirProcess.UpAsync(dll, new WeirUp { DataDirectory = data, ConfigFile = config, EnrollPort = enroll }, cancellationToken);
            await using FaultProxy? proxy = Proxy(weir.Grpc);
            using var fleet = new ReplayFleet(plan, settings.Fleet, proxy is null ? weir.Grpc : new Uri($"http://{proxy.EndPoint}"), _time);
            Hosts = fleet.Hosts;
            if (!fleet.EncodedAhead) progress.WriteLine("the frames do not fit into the memory meant for them: they are encoded while sending");
            // Before the agents join: what joining leaves free in the server would be taken by their connections.
            long rssBefore = ProcessUsage.RssOf(weir.Id);
            SslClientAuthenticationOptions[]? tls = null;
            if (settings.Tls)
            {
                progress.WriteLine("joining");
                tls = await ReplayIdentity.JoinAsync(dll, data, new Uri($"https://127.0.0.1:{enroll}"), [.. fleet.Hosts.Select(static host => host.AgentId)], cancellationToken);
            }

            Measurement measured = await MeasureAsync(fleet, tls, weir, rssBefore, cancellationToken);
            progress.WriteLine("stopping the server");
            int code = await weir.StopAsync(StopLimit, cancellationToken);
            if (code != 0) throw new ReplayFailedException($"weir ended with code {code}:\n{weir.Output}");
            EndToEndReport report = Report(recording, plan, fleet, measured, data);
            if (settings.BesideHosts == 0) return report;
            return report with { Beside = await new VictoriaMetricsRun(plan, settings.BesideHosts, work, _time, progress).RunAsync(cancellationToken) };
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private string ConfigText()
    {
        string text = settings.Seal ? Config.Replace(StoreConfig, SealConfig, StringComparison.Ordinal) : Config;
        var grpc = new List<string>();
        if (settings.Tls) grpc.Add("tls: true");
        if (settings.WindowBytes is { } window) grpc.Add(FormattableString.Invariant($"stream_window: {window}, connection_window: {window}"));
        return grpc.Count == 0 ? text : $"{text}grpc: {{ {string.Join(", ", grpc)} }}\n";
    }

    private FaultProxy? Proxy(Uri gateway)
    {
        if (settings.RoundTripMs == 0) return null;
        var half = new Toxic { Latency = TimeSpan.FromMilliseconds(settings.RoundTripMs / 2.0) };
        return new FaultProxy(new IPEndPoint(IPAddress.Loopback, gateway.Port)) { Up = half, Down = half };
    }

    private async Task<Measurement> MeasureAsync(ReplayFleet fleet, SslClientAuthenticationOptions[]? tls, WeirProcess weir, long rssBefore, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = weir.Http };
        TimeSpan cpuBefore = ProcessUsage.Of(weir.Id).Cpu;
        long opening = _time.GetTimestamp();
        await fleet.OpenAsync(tls, cancellationToken);
        (TimeSpan opened, TimeSpan openCpu) = (_time.GetElapsedTime(opening), ProcessUsage.Of(weir.Id).Cpu - cpuBefore);
        progress.WriteLine("all streams are open and idle");
        await Task.Delay(SettleTime, _time, cancellationToken);
        long idleBytes = ProcessUsage.RssOf(weir.Id) - rssBefore;
        long storedBefore = (await ServerMetrics.ReadAsync(http, cancellationToken)).Stored;
        progress.WriteLine("replaying");
        GC.Collect(); // What encoding left behind is not of the timed section.
        int[] collectionsBefore = Collections();
        ProcessUsage benchBefore = ProcessUsage.Of(Environment.ProcessId), weirBefore = ProcessUsage.Of(weir.Id);
        long start = _time.GetTimestamp();
        Task sending = SendAsync(fleet, weir, cancellationToken);
        await WarmUpAsync(fleet.Totals, sending);
        (long warmFrames, TimeSpan warmCpu, long warmAt) = (fleet.Totals.AckedFrames, ProcessUsage.Of(weir.Id).Cpu, _time.GetTimestamp());
        await sending;
        ServerMetrics metrics = await WaitStoredAsync(http, storedBefore + fleet.Totals.SentSamples, cancellationToken);
        TimeSpan queryable = _time.GetElapsedTime(start);
        if (settings.Seal) metrics = await WaitSealedAsync(http, metrics.Stored, cancellationToken);
        TimeSpan? sealedAt = settings.Seal ? _time.GetElapsedTime(start) : null;
        ProcessUsage bench = ProcessUsage.Of(Environment.ProcessId), server = ProcessUsage.Of(weir.Id);
        return new Measurement(
            _time.GetElapsedTime(start, fleet.SentAt),
            _time.GetElapsedTime(start, fleet.AckedAt),
            queryable,
            sealedAt,
            server.Cpu - weirBefore.Cpu,
            new SteadyState(warmAt, fleet.Totals.AckedFrames - warmFrames, server.Cpu - warmCpu, _time.GetElapsedTime(warmAt, fleet.AckedAt)),
            bench.Cpu - benchBefore.Cpu,
            server.PeakRssBytes,
            idleBytes,
            opened,
            openCpu,
            [.. Collections().Zip(collectionsBefore, static (after, before) => after - before)],
            metrics);
    }

    private async Task WarmUpAsync(ReplayTotals totals, Task sending)
    {
        double warm = WarmUpShare * settings.Hosts * (settings.Seconds / settings.Ticks);
        while (!sending.IsCompleted && totals.AckedFrames < warm) await Task.WhenAny(sending, Task.Delay(PollInterval, _time, CancellationToken.None));
    }

    private async Task SendAsync(ReplayFleet fleet, WeirProcess weir, CancellationToken cancellationToken)
    {
        try
        {
            await using ITimer tell = _time.CreateTimer(_ => Tell(fleet.Totals), null, ProgressInterval, ProgressInterval);
            await fleet.SendAsync(cancellationToken);
        }
        catch (ReplayFailedException failure)
        {
            throw new ReplayFailedException($"{failure.Message}\nweir wrote:\n{weir.Output}");
        }
    }

    private void Tell(ReplayTotals totals) =>
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {totals.SentSamples:N0} samples sent, {totals.AckedSamples:N0} acked"));

    // Polled only now: while frames flow, the server does nothing for the benchmark's sake.
    private async Task<ServerMetrics> WaitStoredAsync(HttpClient http, long expected, CancellationToken cancellationToken)
    {
        long progressed = _time.GetTimestamp(), best = -1;
        while (true)
        {
            ServerMetrics metrics = await ServerMetrics.ReadAsync(http, cancellationToken);
            long stored = metrics.Stored;
            if (stored == expected) return metrics;
            string outcomes = string.Join(", ", metrics.WriterSamples.Select(static pair => $"{pair.Key} {pair.Value}"));
            if (stored > expected) throw new ReplayFailedException($"{stored} samples are stored, {expected} were sent ({outcomes})");
            if (stored > best) (best, progressed) = (stored, _time.GetTimestamp());
            if (_time.GetElapsedTime(progressed) > StoreLimit)
                throw new ReplayFailedException($"{stored} of {expected} samples are stored, and no more for {StoreLimit.TotalSeconds} s ({outcomes})");
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    // The newest minute stays in the log alone; then its seal and the writer's step follow.
    private async Task<ServerMetrics> WaitSealedAsync(HttpClient http, long expected, CancellationToken cancellationToken)
    {
        progress.WriteLine("waiting until everything is sealed");
        for (long begun = _time.GetTimestamp(); _time.GetElapsedTime(begun) < SealLimit;)
        {
            ServerMetrics metrics = await ServerMetrics.ReadAsync(http, cancellationToken);
            if (metrics.Sealed >= expected && metrics.PartSamples >= expected) return metrics;
            await Task.Delay(SealPollInterval, cancellationToken);
        }

        throw new ReplayFailedException($"not everything is sealed after {SealLimit.TotalSeconds} s");
    }

    private EndToEndReport Report(Recording recording, ReplayPlan plan, ReplayFleet fleet, Measurement measured, string data)
    {
        ReplayTotals totals = fleet.Totals;
        if (totals.AckedSamples != totals.SentSamples) throw new UnreachableException("sending ended with unacked samples");
        double samples = totals.SentSamples;
        // The reserve holds nothing: it is room kept free.
        long disk = new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories).Where(static file => file.Name != DiskReserve.Name).Sum(static file => file.Length);
        TimeSpan[] latencies = fleet.SortedAckLatencies(measured.Steady.Since);
        return new EndToEndReport
        {
            Input = settings.Input,
            InputCut = recording.Cut,
            Hosts = settings.Hosts,
            Seconds = settings.Seconds,
            SeriesPerHost = plan.Schema.SeriesCount,
            TicksPerFrame = settings.Ticks,
            FramesPerBatch = settings.BatchFrames,
            Pace = settings.Pace,
            Connections = totals.Connections,
            IdleBytesPerConnection = Math.Max(0, measured.IdleBytes) / (double)Math.Max(1, totals.Connections),
            OpenSeconds = measured.Opened.TotalSeconds,
            OpenWeirCpuMsPerConnection = measured.OpenCpu.TotalMilliseconds / Math.Max(1, totals.Connections),
            EncodedAhead = fleet.EncodedAhead,
            Samples = totals.SentSamples,
            Frames = totals.SentFrames,
            SentSeconds = measured.Sent.TotalSeconds,
            AckedSeconds = measured.Acked.TotalSeconds,
            QueryableSeconds = measured.Queryable.TotalSeconds,
            SealedSeconds = measured.Sealed?.TotalSeconds,
            SealedSamples = measured.Metrics.PartSamples,
            PartBytesPerSample = measured.Metrics.PartSamples > 0 ? measured.Metrics.PartBytes / (double)measured.Metrics.PartSamples : null,
            Beside = null,
            SentSamplesPerSecond = samples / measured.Sent.TotalSeconds,
            AckedSamplesPerSecond = samples / measured.Acked.TotalSeconds,
            QueryableSamplesPerSecond = samples / measured.Queryable.TotalSeconds,
            WeirCpuSeconds = measured.WeirCpu.TotalSeconds,
            BenchCpuSeconds = measured.BenchCpu.TotalSeconds,
            SteadyFramesPerWeirCpuSecond = PerSecond(measured.Steady.Frames, measured.Steady.WeirCpu),
            SteadyFramesPerSecond = PerSecond(measured.Steady.Frames, measured.Steady.Elapsed),
            SamplesPerWeirCpuSecond = PerSecond(samples, measured.WeirCpu),
            SamplesPerBenchCpuSecond = PerSecond(samples, measured.BenchCpu),
            BenchCpuShare = measured.BenchCpu / (measured.BenchCpu + measured.WeirCpu + TimeSpan.FromTicks(1)),
            WeirPeakRssBytes = measured.WeirPeakRssBytes,
            WeirCollections = measured.Metrics.Collections,
            BenchCollections = measured.BenchCollections.Index().ToDictionary(static pair => $"gen{pair.Index}", static pair => (long)pair.Item),
            WireBytes = totals.WireBytes,
            WireBytesPerSample = totals.WireBytes / samples,
            DiskBytes = disk,
            DiskBytesPerSample = disk / samples,
            AckedSteadyBatches = latencies.Length,
            AckP50Ms = Quantile.Of(latencies, 0.5).TotalMilliseconds,
            AckP99Ms = Quantile.Of(latencies, 0.99).TotalMilliseconds,
            AckP999Ms = Quantile.Of(latencies, 0.999).TotalMilliseconds,
            RetriedEntries = totals.RetriedEntries,
            NeededFrames = totals.NeededFrames,
            WriterSamples = measured.Metrics.WriterSamples,
            Machine = $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB",
            DataDirectory = settings.DataDirectory,
        };
    }

    // The kernel counts CPU in steps of 10 ms: a run that used less has no rate worth naming.
    private static double PerSecond(double samples, TimeSpan cpu) => cpu <= TimeSpan.Zero ? 0 : samples / cpu.TotalSeconds;

    private static int[] Collections() => [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount)];

    private sealed record Measurement(
        TimeSpan Sent,
        TimeSpan Acked,
        TimeSpan Queryable,
        TimeSpan? Sealed,
        TimeSpan WeirCpu,
        SteadyState Steady,
        TimeSpan BenchCpu,
        long WeirPeakRssBytes,
        long IdleBytes,
        TimeSpan Opened,
        TimeSpan OpenCpu,
        int[] BenchCollections,
        ServerMetrics Metrics);

    /// <summary>What the server did after the warm-up.</summary>
    private readonly record struct SteadyState(long Since, long Frames, TimeSpan WeirCpu, TimeSpan Elapsed);
}
