using Weir.Agent.Collection;
using Weir.Agent.Tests.Spooling;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

public sealed class GroupProfilesTests
{
    private const long Start = EngineHarness.Start;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public async Task Frames_are_plain_until_ten_ticks_are_known_and_baselines_come_early_and_then_by_period()
    {
        using var cpu = new FakeCollector("cpu", "0", "1");
        using var harness = new EngineHarness(singleTicks: 10, collectors: cpu);

        await harness.RunAsync(Seconds(960));

        List<RecordedFrame> frames = harness.Sink.Frames;
        Assert.All(frames.Take(10), static frame => Assert.Equal((byte)CodecId.Plain, frame.Header.Form));
        Assert.All(frames.Skip(10), static frame => Assert.Equal((byte)CodecId.Profiled, frame.Header.Form));
        Baseline[] baselines = [.. frames.Select(static frame => frame.Baseline).OfType<Baseline>().Distinct()];
        // A tick counts as history once its frame has gone.
        Assert.Equal([10, 30, 100, 300, 600, 900], baselines.Select(static baseline => ((baseline.TickMs - Start) / 1000) + 1));
        Assert.All(frames, static frame => Assert.True(frame.Baseline is null || frame.Baseline.TickMs < frame.Header.FirstMs));
    }

    [Fact]
    public async Task A_device_that_appears_leaves_the_profiles_of_the_others_as_they_were()
    {
        string[] devices = [.. Enumerable.Range(0, 20).Select(static i => $"d{i}")];
        using var disk = new FakeCollector("disk", devices);
        using var harness = new EngineHarness(collectors: disk);
        await harness.RunAsync(Seconds(350));
        RecordedFrame last = harness.Sink.Frames[^1];
        Baseline before = last.Baseline!;

        disk.Instances = ["new", .. devices];
        await harness.RunAsync(Seconds(20));

        RecordedFrame[] after = [.. harness.Sink.Frames.Where(static frame => frame.Header.Series == 22)];
        Assert.Equal(4, after.Length);
        Assert.All(after, frame => Assert.Equal((before.TickMs, (byte)CodecId.Profiled), (frame.Baseline!.TickMs, frame.Header.Form)));
        Assert.NotEqual(before.Id, after[0].Baseline!.Id);
        Assert.Single(after.Select(static frame => frame.Baseline).Distinct());
    }

    [Theory]
    [InlineData(20_000, true)]
    [InlineData(100_000, false)]
    public void A_baseline_that_no_entry_holds_is_not_used(int series, bool isUsed)
    {
        Schema schema = TestSeries.Schema(instances: series / 2);
        var profiles = new GroupProfiles(1000);
        var random = new Random(1);
        double[] values = new double[series];
        byte[] present = [.. Enumerable.Repeat((byte)1, series)];
        Baseline? baseline = null;
        for (int tick = 0; tick <= BaselineSchedule.FirstTicks; tick++)
        {
            for (int s = 0; s < series; s++) values[s] = BitConverter.Int64BitsToDouble(random.NextInt64(1L << 62));
            var builder = new FrameBuilder(schema, 1);
            builder.AddTick(Start + (tick * 1000), values, present);
            baseline = profiles.Gather(builder, 0);
            Assert.Equal(isUsed && tick == BaselineSchedule.FirstTicks - 1, profiles.RenewIfDue());
        }

        Assert.Equal(isUsed, baseline is not null);
    }

    [Fact]
    public async Task Mostly_new_series_get_profiles_of_their_own_after_ten_ticks()
    {
        using var disk = new FakeCollector("disk", "a", "b");
        using var harness = new EngineHarness(frameTicks: 1, collectors: disk);
        await harness.RunAsync(Seconds(350));

        disk.Instances = ["c", "d", "e"];
        await harness.RunAsync(Seconds(20));

        RecordedFrame[] after = [.. harness.Sink.Frames.Where(static frame => frame.Header.Series == 4)];
        Assert.Equal(after[9].Header.FirstMs, after[10].Baseline!.TickMs);
        Assert.NotEqual(after[9].Baseline!.Id, after[10].Baseline!.Id);
    }

    [Fact]
    public async Task A_step_of_the_clock_begins_a_history_anew()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(frameTicks: 1, collectors: cpu);
        await harness.RunAsync(Seconds(50));

        harness.Time.WallOffset -= Seconds(3000);
        await harness.RunAsync(Seconds(20));

        RecordedFrame[] stepped = [.. harness.Sink.Frames.Where(static frame => frame.Header.ClockGeneration == 1)];
        Assert.All(stepped.Take(10), static frame => Assert.Null(frame.Baseline));
        Assert.All(stepped.Skip(10), frame => Assert.Equal(stepped[9].Header.FirstMs, frame.Baseline!.TickMs));
        Assert.True(stepped.Length > 15);
    }

    [Fact]
    public async Task A_gateway_that_does_not_know_codec_1_gets_codec_0_until_one_does()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(collectors: cpu);
        harness.Signals.TakesProfiled = false;
        await harness.RunAsync(Seconds(50));
        Assert.All(harness.Sink.Frames, static frame => Assert.Equal((byte)CodecId.Plain, frame.Header.Form));
        int frames = harness.Sink.Frames.Count;

        harness.Signals.TakesProfiled = true;
        await harness.RunAsync(Seconds(15));

        Assert.All(harness.Sink.Frames.Skip(frames + 1), static frame => Assert.Equal((byte)CodecId.Profiled, frame.Header.Form));
        Assert.True(harness.Sink.Frames.Count >= frames + 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_tick_allocates_nothing_between_baselines(int frameTicks)
    {
        Schema schema = TestSeries.Schema(instances: 250);
        var builder = new FrameBuilder(schema, frameTicks);
        using var encoder = new FrameEncoder();
        var profiles = new GroupProfiles(1000);
        var random = new Random(7);
        var values = new double[schema.SeriesCount];
        var present = new byte[schema.SeriesCount];
        Array.Fill(present, (byte)1);
        long allocated = 0, timeMs = Start;
        int measured = 0;
        for (int frame = 0; frame < 700 / frameTicks; frame++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int t = 0; t < frameTicks; t++, timeMs += 1000)
            {
                for (int s = 0; s < values.Length; s++)
                    if (s % 3 == 0) values[s] += random.Next(1000);
                builder.AddTick(timeMs, values, present);
            }

            int ticks = builder.Ticks, samples = builder.SampleCount;
            builder.Baseline = profiles.Gather(builder, 0);
            int bytes = encoder.Seal(builder, (ulong)frame + 1, 0).Length;
            if (builder.Baseline is not null) profiles.Spooled(ticks, samples, bytes);
            long grown = GC.GetAllocatedBytesForCurrentThread() - before;
            // Buffers have grown to their size by then.
            if (profiles.RenewIfDue() || timeMs < Start + 320_000) continue;
            allocated += grown;
            measured++;
        }

        Assert.True(measured > 300 / frameTicks, $"only {measured} frames");
        Assert.Equal(0, allocated);
    }
}
