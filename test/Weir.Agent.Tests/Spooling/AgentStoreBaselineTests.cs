using Weir.Agent.Collection;
using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

/// <summary>Baselines in the spool: ahead of the frames that name them, in every segment.</summary>
public sealed class AgentStoreBaselineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_segment_decodes_with_the_objects_in_it_alone_also_after_a_restart_a_crash_and_a_new_epoch()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: 4_000);
        harness.Profiles = new GroupProfiles(1000);
        await harness.AppendFramesAsync(150);
        await harness.RestartAsync();
        await harness.AppendFramesAsync(60);
        await harness.Store.StartEpochAsync(Cancel);
        await harness.AppendFramesAsync(60);
        await harness.CrashAsync();
        await harness.AppendFramesAsync(60);

        List<SpooledItem> items = harness.Items();
        Assert.Equal(330, items.Count(static item => item.Header.Kind == EntryKind.Samples));
        List<ObjectShelf> segments = harness.Segments();
        Assert.True(segments.Count > 4, $"only {segments.Count} segments");
        Assert.Equal(330, segments.Sum(static segment => segment.Frames));
        Assert.Equal(320, segments.Sum(static segment => segment.ProfiledFrames));
        // Each new epoch says everything again: its names may be those of a copy of the machine.
        foreach (IGrouping<ulong, SpooledItem> epoch in items.GroupBy(static item => item.Epoch))
        {
            var shelf = new ObjectShelf();
            foreach (SpooledItem item in epoch) shelf.Take(item.Header, item.Bytes);
        }
    }

    [Fact]
    public async Task Bury_Baseline_ComesAgainWithTheNextFrame()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        harness.Profiles = new GroupProfiles(1000);
        await harness.AppendFramesAsync(15);
        SpooledItem baseline = harness.Items().Single(static item => item.Header is { Kind: EntryKind.Object, Form: (byte)ObjectKind.Baseline });

        await harness.Store.BuryAsync(baseline.Entry, DropReason.Damaged, Cancel);
        Assert.Empty(harness.Store.CopiesOf(baseline.Header.ObjectId));
        await harness.AppendFramesAsync(1);

        Assert.True(Assert.Single(harness.Store.CopiesOf(baseline.Header.ObjectId)).Seq > baseline.Seq);
    }

    [Fact]
    public async Task Series_that_come_and_go_cost_less_than_twice_the_bytes_of_none()
    {
        long still = await ChurnAsync(changes: false), churning = await ChurnAsync(changes: true);
        Assert.True(churning < 2 * still, $"{churning} B with one process more and one less each tick, {still} B with none");
    }

    // Two hundred processes of two series each; with changes one ends and one begins at every tick.
    private static async Task<long> ChurnAsync(bool changes)
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: 1 << 20);
        var template = new Template(NamingRule.OpenTelemetry, ["process.pid"], [new Metric("test.cpu", "s", MetricKind.Counter), new Metric("test.memory", "By", MetricKind.Gauge)]);
        harness.Profiles = new GroupProfiles(1000);
        var random = new Random(3);
        var state = Enumerable.Range(0, 200).ToDictionary(static pid => pid, static pid => (Cpu: pid * 1.25, Memory: 4096.0 * pid));
        List<int> alive = [.. state.Keys];
        Schema? schema = null;
        var shelf = new ObjectShelf();
        for (int tick = 0; tick < 500; tick++)
        {
            if (changes && tick > 320)
            {
                alive.RemoveAt(tick % 200);
                alive.Add(200 + tick);
                state[200 + tick] = (0, 4096);
                schema = null;
            }

            foreach (int pid in alive)
            {
                (double cpu, double memory) = state[pid];
                if (random.Next(3) == 0) cpu = Math.Round(cpu + (random.Next(200) / 100.0), 2);
                if (random.Next(4) == 0) memory += 4096 * random.Next(-20, 21);
                state[pid] = (cpu, memory);
            }

            schema ??= new Schema([new SchemaPart(template, [.. alive.Select(static pid => new[] { $"{pid}" })])]);
            var builder = new FrameBuilder(schema, 1);
            builder.AddTick(harness.NowMs, [.. alive.SelectMany(pid => new[] { state[pid].Cpu, state[pid].Memory })], [.. Enumerable.Repeat((byte)1, schema.SeriesCount)]);
            await harness.AppendAsync(builder);
            harness.Time.Advance(TimeSpan.FromSeconds(1));
        }

        List<SpooledItem> items = harness.Items();
        foreach (SpooledItem item in items) shelf.Take(item.Header, item.Bytes);
        Assert.Equal(500, shelf.Frames);
        Assert.Equal(changes, shelf.Differences > 0);
        return items.Where(item => item.Header.FirstMs > harness.NowMs - 170_000).Sum(static item => item.Bytes.Length);
    }
}
