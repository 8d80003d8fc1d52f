using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;
using Weir.Scenarios.Replay;

namespace Weir.Scenarios.Disks;

/// <summary>A real disk that others fill: nothing new is taken in, nothing that was is lost, everything goes on when there is room.</summary>
public sealed class DiskFullTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spool_on_a_full_disk_refuses_keeps_what_it_has_and_goes_on()
    {
        using SmallDisk disk = SmallDisk.Mount(32);
        var spooled = new List<ulong>();
        AgentStore store = await OpenAsync(disk);
        await FillAsync(store, spooled, 200);
        disk.Fill();

        int refused = 0;
        for (int i = 0; i < 50; i++)
        {
            try
            {
                await FillAsync(store, spooled, 20);
            }
            catch (LogException e)
            {
                Assert.Equal(LogError.DiskFull, e.Error);
                refused++;
            }
        }

        Assert.True(refused > 10, $"only {refused} appends were refused");
        Assert.Equal(0, store.ReserveBytes);
        store.Settle(store.CurrentEpoch, 1, 50);
        store.SaveAcks();
        await store.NextClockGenerationAsync(Cancel);
        ulong epoch = store.CurrentEpoch;
        await store.DisposeAsync();

        // A restart on the full disk, too.
        store = await OpenAsync(disk);
        Assert.Equal((51UL, 1U), (store.OpenEpochs[0].OldestUnsettled, store.ClockGeneration));
        disk.Free();
        await FillAsync(store, [], 20, until: TimeProvider.System.GetTimestamp());
        Assert.True(store.ReserveBytes > 0);
        HashSet<ulong> held = [.. Read(store).Where(entry => entry.Epoch == epoch).Select(static entry => entry.Seq)];
        Assert.All(spooled, seq => Assert.Contains(seq, held));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Server_on_a_full_disk_answers_retry_and_queries_and_goes_on()
    {
        using SmallDisk disk = SmallDisk.Mount(48);
        string dll = WeirProcess.FindDll(), data = Path.Combine(disk.Root, "data"), config = Path.Combine(Path.GetTempPath(), $"weir-disk-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\nreserve_bytes: 8MiB\ngate: { horizon_ahead: off, horizon_back: off }\nstore: { seal_interval: 2s }\n", Cancel);
        int[] ports = FreePorts.Take(2);
        var up = new WeirUp { DataDirectory = data, ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1] };
        var agent = new DiskAgent(1, new Uri($"http://127.0.0.1:{ports[1]}"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        try
        {
            await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancel))
            {
                Task sending = agent.RunAsync(stop.Token);
                await WaitAsync(() => agent.Acknowledged > 200, "frames are acknowledged");
                disk.Fill();
                await WaitAsync(() => agent.Retried > 20, "the gateway answers RETRY");
                // What it has it serves.
                CommandResult query = await WeirProcess.RunAsync(dll, ["query", "test_value_ratio", "--from", Seconds(DiskAgent.FirstMs), "--to", Seconds(DiskAgent.FirstMs + 60_000), "--url", $"http://127.0.0.1:{ports[0]}", "--output", "csv"], Cancel);
                Assert.True(query.ExitCode == 0, query.Errors);
                Assert.True(query.Output.Count > 100, $"only {query.Output.Count} samples while the disk is full");
                int before = agent.Acknowledged;
                disk.Free();
                await WaitAsync(() => agent.Acknowledged > before + 200, "frames are acknowledged again");
                await stop.CancelAsync();
                await sending;
                Assert.Equal(0, await weir.StopAsync(TimeSpan.FromSeconds(60), Cancel));
            }

            CommandResult stored = await WeirProcess.RunAsync(dll, ["query", "test_value_ratio", "--from", Seconds(DiskAgent.FirstMs), "--to", Seconds(agent.LastMs), "--data", data, "--output", "csv"], Cancel);
            Assert.True(stored.ExitCode == 0, stored.Errors);
            Dictionary<(string Series, long TimeMs), ulong> found = QueryCsv.Parse(stored.Output);
            HashSet<long> times = [.. found.Keys.Select(static key => key.TimeMs)];
            Assert.All(agent.AcknowledgedTimes, time => Assert.Contains(time, times));
        }
        finally
        {
            File.Delete(config);
        }
    }

    private static Task<AgentStore> OpenAsync(SmallDisk disk) => AgentStore.OpenAsync(
        new AgentStoreOptions(Path.Combine(disk.Root, "agent"), 512 << 20, [new SeriesAttribute("host.name", "full")]), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);

    // With a limit each frame is tried until the disk takes it.
    private static async Task FillAsync(AgentStore store, List<ulong> spooled, int frames, long? until = null)
    {
        var template = new Template(NamingRule.OpenTelemetry, ["part"], [new Metric("test.value", "1", MetricKind.Gauge)]);
        var schema = new Schema([new SchemaPart(template, [.. Enumerable.Range(0, 500).Select(static i => new[] { $"p{i}" })])]);
        var random = new Random(frames);
        byte[] present = [.. Enumerable.Repeat((byte)1, schema.SeriesCount)];
        for (int i = 0; i < frames;)
        {
            var frame = new FrameBuilder(schema, 1);
            frame.AddTick(1_700_000_000_000 + (i * 1000), [.. Enumerable.Range(0, schema.SeriesCount).Select(_ => random.NextDouble())], present);
            try
            {
                await store.AppendFrameAsync(frame, store.ClockGeneration, Cancel);
                spooled.Add(store.OpenEpochs[^1].LastSeq);
                i++;
            }
            catch (LogException) when (until is { } since && TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(100, Cancel);
            }
        }
    }

    private static List<(ulong Epoch, ulong Seq)> Read(AgentStore store)
    {
        var entries = new List<(ulong, ulong)>();
        using LogReader reader = store.OpenReader(store.Start);
        while (reader.TryRead(out LogEntry item))
        {
            Assert.True(SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header));
            Assert.Equal(SpoolRead.Whole, store.TryRead(new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength), new byte[item.PayloadLength]));
            entries.Add((epoch, header.Seq));
        }

        return entries;
    }

    private static string Seconds(long ms) => (ms / 1000).ToString(CultureInfo.InvariantCulture);

    private static async Task WaitAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(120), $"two minutes and still not: {what}");
            await Task.Delay(50, Cancel);
        }
    }
}
