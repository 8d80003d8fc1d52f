using System.Diagnostics.Metrics;
using Weir.Agent.Collection;
using Weir.Agent.Tests.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

public sealed class CollectionEngineTests
{
    private const long Start = EngineHarness.Start;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public async Task Step_OneMinute_FramesOfFiveAndADeclarationBehindThem()
    {
        using var cpu = new FakeCollector("cpu", "0", "1");
        using var harness = new EngineHarness(collectors: cpu);

        await harness.RunAsync(Seconds(61));

        // The first frame is cut when the collector's series become known: it holds nothing before that.
        RecordedFrame[] first = [.. harness.Sink.Frames.Where(static frame => frame.Header.FirstMs < Start + 60_000)];
        Assert.Equal(12, first.Length);
        Assert.All(first, static frame => Assert.Equal((5, 3, false), (frame.Header.Ticks, frame.Header.Series, frame.Header.ExplicitTimes)));
        Assert.Equal([Start, Start + 1000, Start + 2000, Start + 3000, Start + 4000], first[0].TimesMs);
        Assert.Equal(201, first[0].Value("test.cpu", "1", tick: 1));
        (long window, WindowDeclaration declaration, int framesBefore) = Assert.Single(harness.Sink.Declarations);
        Assert.Equal((Start, 180, 180, 180), (window, declaration.Scheduled, declaration.Collected, declaration.Sent));
        Assert.Equal(12, framesBefore);
        Assert.Equal((declaration.Sent, declaration.Digest), harness.Sink.SentOf(window));
    }

    [Fact]
    public async Task Step_FirstTickRead_TheStartLastedUntilThenWithoutTheWaitForTheGrid()
    {
        using FakeCollector cpu = new("cpu", "0");
        using var harness = new EngineHarness(collectors: cpu);
        harness.Lane.Waiting = () => harness.Time.Advance(TimeSpan.FromMilliseconds(30));
        await harness.RunAsync(Seconds(0.4));
        Assert.Null(harness.Metrics.StartDuration);

        await harness.RunAsync(Seconds(2));

        Assert.Equal(EngineHarness.StartUp + TimeSpan.FromMilliseconds(30), harness.Metrics.StartDuration);
    }

    [Fact]
    public async Task Step_StartOfAnEpoch_SendsTicksOneByOne()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(singleTicks: 10, collectors: cpu);

        await harness.RunAsync(Seconds(21));

        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 5], harness.Sink.Frames.Select(static frame => frame.Header.Ticks));
    }

    [Fact]
    public async Task Step_NewEpoch_SendsTicksOneByOneAgain()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(singleTicks: 3, collectors: cpu);
        await harness.RunAsync(Seconds(8.6));

        harness.Signals.EpochBegan();
        await harness.RunAsync(Seconds(9));

        Assert.Equal([1, 1, 1, 5, 2, 1, 1, 5], harness.Sink.Frames.Select(static frame => frame.Header.Ticks));
    }

    [Fact]
    public async Task Step_NobodyReceives_FramesGrowToTheMinuteAndShrinkWithTheFirstAck()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(collectors: cpu);
        await harness.RunAsync(Seconds(10));
        harness.Signals.Spooled();
        await harness.RunAsync(Seconds(170));
        // The short frames of half a minute, up to the minute, a whole one, and a third.
        Assert.Equal([.. Enumerable.Repeat(5, 8), 20, 60, 60], harness.Sink.Frames.Select(static frame => frame.Header.Ticks));

        await harness.RunAsync(Seconds(7));
        harness.Signals.Acked(more: true);
        await harness.RunAsync(Seconds(11));

        Assert.Equal([8, 5, 5], harness.Sink.Frames.Skip(11).Select(static frame => frame.Header.Ticks));
        Assert.All(harness.Sink.Declarations, static declared => Assert.Equal(declared.Declaration.Scheduled, declared.Declaration.Sent));
    }

    [Fact]
    public async Task Step_MinuteBoundaryInsideAFrame_CutsThere()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(startMs: Start + 57_500, collectors: cpu);

        await harness.RunAsync(Seconds(10));

        Assert.Equal([Start + 58_000, Start + 60_000], harness.Sink.Frames.Take(2).Select(static frame => frame.Header.FirstMs));
        Assert.Equal(2, harness.Sink.Frames[0].Header.Ticks);
    }

    [Fact]
    public async Task Step_CollectorHangsAtTheCutOff_ItIsLateAndTheOthersGoOut()
    {
        using FakeCollector cpu = new("cpu", "0"), disk = new("disk", "a", "b");
        using var harness = new EngineHarness(frameTicks: 1, collectors: [cpu, disk]);
        await harness.RunAsync(Seconds(1));
        harness.Lane.Hangs.Add("disk");

        await harness.RunAsync(Seconds(0.9));
        Assert.Single(harness.Sink.Frames);
        await harness.RunAsync(Seconds(0.2));
        Assert.Equal(2, harness.Sink.Frames.Count);

        harness.Lane.Hangs.Clear();
        harness.Lane.Release();
        await harness.RunAsync(Seconds(1));
        await harness.FinishAsync();
        Assert.Equal((200, null), (harness.Sink.Frames[1].Value("test.cpu", "0"), harness.Sink.Frames[1].Value("test.disk", "a")));
        Assert.Equal(300, harness.Sink.Frames[2].Value("test.disk", "a"));
        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal((12, 10, 2, 0), (declaration.Scheduled, declaration.Collected, declaration.Late, declaration.Missed));
        Assert.Equal([0, 1], harness.Slots.Select(static slot => slot.LostTicks));
    }

    [Fact]
    public async Task Step_CollectorBeyondItsDeadline_FailsAsStuckUntilItReturns()
    {
        using FakeCollector cpu = new("cpu", "0"), disk = new("disk", "a");
        using var harness = new EngineHarness(frameTicks: 1, collectors: [cpu, disk]);
        await harness.RunAsync(Seconds(1));
        harness.Lane.Hangs.Add("disk");
        await harness.RunAsync(Seconds(1));

        harness.Lane.MarkStuck();
        await harness.RunAsync(Seconds(2));
        harness.Lane.Hangs.Clear();
        harness.Lane.Release();
        await harness.RunAsync(Seconds(1));
        await harness.FinishAsync();

        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal((2, 1), (declaration.Failed[FailureReason.Stuck], declaration.Late));
        Assert.Equal(2, cpu.MostInside + disk.MostInside);
        Assert.NotNull(harness.Sink.Frames[^1].Value("test.disk", "a"));
        Assert.Equal(5, harness.Sink.Frames.Count(static frame => frame.Value("test.cpu", "0") is not null));
    }

    [Fact]
    public async Task Step_CollectorThrows_ItsSamplesFailWithTheReason()
    {
        using FakeCollector cpu = new("cpu", "0"), disk = new("disk", "a", "b");
        using var harness = new EngineHarness(frameTicks: 1, collectors: [cpu, disk]);
        await harness.RunAsync(Seconds(1));

        disk.Throws = new UnauthorizedAccessException();
        await harness.RunAsync(Seconds(1));
        disk.Throws = new FileNotFoundException();
        await harness.RunAsync(Seconds(1));
        disk.Throws = new InvalidDataException();
        await harness.RunAsync(Seconds(1));
        disk.Throws = null;
        disk.FailsFirst = FailureReason.NotHere;
        await harness.RunAsync(Seconds(1));
        await harness.FinishAsync();

        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal((2, 3, 2), (declaration.Failed[FailureReason.AccessDenied], declaration.Failed[FailureReason.NotHere], declaration.Failed[FailureReason.Error]));
        Assert.Equal((20, 13), (declaration.Scheduled, declaration.Collected));
    }

    [Fact]
    public async Task Step_MoreSeriesThanAGroupHoldsTogether_TheOneTooManyFailsAndTheOthersGoOn()
    {
        string[] many = [.. Enumerable.Range(0, Columns.MaxSeries).Select(static i => $"i{i}")];
        FakeCollector[] collectors = [.. Enumerable.Range(0, 13).Select(i => new FakeCollector($"c{i}", many)), new FakeCollector("cpu", "0")];
        using var harness = new EngineHarness(frameTicks: 1, collectors: collectors);
        await harness.RunAsync(Seconds(1.6));
        Assert.Equal((12 * Columns.MaxSeries) + 2, harness.Group.SeriesCount);
        Assert.Equal(200, harness.Sink.Frames[^1].Value("test.cpu", "0"));
        foreach (FakeCollector collector in collectors) collector.Dispose();
    }

    [Fact]
    public async Task Step_AgentCannotRunForThreeSeconds_TicksAreMissedAndNotShifted()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(collectors: cpu);
        await harness.RunAsync(Seconds(2));

        harness.Time.Advance(Seconds(3.7));
        await harness.RunAsync(Seconds(0.5));
        await harness.FinishAsync();

        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal((12, 6, 6), (declaration.Scheduled, declaration.Collected, declaration.Missed));
        Assert.Equal(3, harness.Slots[0].LostTicks);
        Assert.Equal([Start, Start + 1000, Start + 5000], harness.Sink.Frames.SelectMany(static frame => frame.TimesMs));
        Assert.All(harness.Sink.Frames, static frame => Assert.False(frame.Header.ExplicitTimes));
        Assert.Equal(0.2, harness.Sink.Frames[^1].Value("weir.agent.tick.skew", "high/1s"));
    }

    [Theory]
    [InlineData(0.4, new[] { 0L, 1000, 2000, 3000 }, 0)]
    [InlineData(0.5, new[] { 0L, 1000, 3000 }, 1)]
    [InlineData(2.7, new[] { 0L, 1000, 5000 }, 3)]
    public async Task Step_BehindAnEngineThatEnded_TicksOfTheGapAreBroughtWhereThereIsTimeAndElseMissed(double late, long[] brought, long missed)
    {
        using FakeCollector cpu = new("cpu", "0"), again = new("cpu", "0");
        using var harness = new EngineHarness(frameTicks: 1, collectors: cpu);
        await harness.RunAsync(Seconds(2.4));
        await harness.FinishAsync();

        harness.Time.Advance(Seconds(0.1 + late));
        using var next = new EngineHarness(frameTicks: 1, before: harness, collectors: again);
        await next.RunAsync(Seconds(0.6));
        await next.FinishAsync();

        Assert.Equal(brought, harness.Sink.Frames.Concat(next.Sink.Frames).SelectMany(static frame => frame.TimesMs).Select(static time => time - Start));
        Assert.Equal(missed, Assert.Single(next.Sink.Declarations).Declaration.Missed);
    }

    [Fact]
    public async Task Step_ClockSteppedBetweenTwoEngines_TheNextBeginsAtTheNewTime()
    {
        using FakeCollector cpu = new("cpu", "0"), again = new("cpu", "0");
        using var harness = new EngineHarness(frameTicks: 1, collectors: cpu);
        await harness.RunAsync(Seconds(2));
        await harness.FinishAsync();

        harness.Time.WallOffset -= Seconds(3600);
        using var next = new EngineHarness(frameTicks: 1, before: harness, collectors: again);
        await next.RunAsync(Seconds(1));
        await next.FinishAsync();

        Assert.Equal([Start + 2000 - 3_600_000], next.Sink.Frames.SelectMany(static frame => frame.TimesMs));
        Assert.Equal(1u, next.Sink.ClockGeneration);
    }

    [Fact]
    public async Task Step_ThreadsComeLate_TheSkewIsThatOfTheLastToRead()
    {
        using FakeCollector cpu = new("cpu", "0"), disk = new("disk", "a");
        using var harness = new EngineHarness(frameTicks: 1, collectors: [cpu, disk]);
        await harness.RunAsync(Seconds(1));
        int waits = 5;
        harness.Lane.Waiting = () => harness.Time.Advance(TimeSpan.FromMilliseconds(waits -= 2));
        harness.Time.Advance(TimeSpan.FromMilliseconds(502));

        await harness.RunAsync(Seconds(0.6));

        Assert.Equal([0.0, 0.005], harness.Sink.Frames.Select(static frame => frame.Value("weir.agent.tick.skew", "high/1s")!.Value));
    }

    [Fact]
    public async Task Step_LaneNeverGetsToTheCollector_TheTickIsMissedForIt()
    {
        using FakeCollector cpu = new("cpu", "0"), disk = new("disk", "a");
        using var harness = new EngineHarness(frameTicks: 1, collectors: [cpu, disk]);
        await harness.RunAsync(Seconds(1));
        harness.Lane.Waits.Add("disk");
        await harness.RunAsync(Seconds(1));
        harness.Lane.Waits.Clear();
        harness.Lane.IsFull = true;
        await harness.RunAsync(Seconds(1));
        harness.Lane.IsFull = false;
        await harness.RunAsync(Seconds(1));
        await harness.FinishAsync();

        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal((12, 9, 3, 0), (declaration.Scheduled, declaration.Collected, declaration.Missed, declaration.Late));
        Assert.Equal([1, 2], harness.Slots.Select(static slot => slot.LostTicks));
    }

    [Fact]
    public async Task Step_DeviceAppears_NewSchemaNewFrame()
    {
        using var disk = new FakeCollector("disk", "a");
        using var harness = new EngineHarness(collectors: disk);
        await harness.RunAsync(Seconds(2));

        disk.Instances = ["a", "b"];
        await harness.RunAsync(Seconds(2));
        await harness.FinishAsync();

        Assert.Equal([(2, 2), (2, 3)], harness.Sink.Frames.Select(static frame => (frame.Header.Ticks, frame.Header.Series)));
        Assert.Equal(401, harness.Sink.Frames[1].Value("test.disk", "b", tick: 1));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    [InlineData(86_400)]
    [InlineData(-86_400)]
    public async Task Step_WallClockStepped_CutsTheFrameAndRaisesTheGeneration(int seconds)
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(startMs: Start + 19_500, collectors: cpu);
        await harness.RunAsync(Seconds(2));

        harness.Time.WallOffset += Seconds(seconds);
        await harness.RunAsync(Seconds(3));
        await harness.FinishAsync();

        Assert.Equal(1u, harness.Sink.ClockGeneration);
        RecordedFrame[] old = [.. harness.Sink.Frames.TakeWhile(static frame => frame.Header.ClockGeneration == 0)];
        RecordedFrame[] stepped = [.. harness.Sink.Frames.SkipWhile(static frame => frame.Header.ClockGeneration == 0)];
        Assert.Equal([Start + 20_000, Start + 21_000], old.SelectMany(static frame => frame.TimesMs));
        Assert.All(stepped, static frame => Assert.Equal(1u, frame.Header.ClockGeneration));
        long first = Start + 21_000 + (seconds * 1000) + 1000;
        Assert.Equal([first, first + 1000, first + 2000], stepped.SelectMany(static frame => frame.TimesMs));
        Assert.Equal(2, harness.Sink.Declarations.Count);
        Assert.Equal(10, harness.Sink.Declarations.Sum(static declared => declared.Declaration.Sent));
    }

    [Theory]
    [InlineData(86_400)]
    [InlineData(-86_400)]
    public async Task Step_WallClockSteppedByADayAndBack_EveryWindowDeclaresWhatWasSentOfIt(int seconds)
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(frameTicks: 1, collectors: cpu);
        await harness.RunAsync(Seconds(70));
        harness.Time.WallOffset += Seconds(seconds);
        await harness.RunAsync(Seconds(70));
        harness.Time.WallOffset -= Seconds(seconds);
        await harness.RunAsync(Seconds(70));
        await harness.FinishAsync();

        Assert.Equal(2u, harness.Sink.ClockGeneration);
        Assert.Equal([0u, 1u, 2u], harness.Sink.Frames.Select(static frame => frame.Header.ClockGeneration).Distinct());
        Assert.Equal(210, harness.Sink.Frames.SelectMany(static frame => frame.TimesMs).Count());
        Assert.All(harness.Sink.Declarations, static declared => Assert.Equal((0, 0), (declared.Declaration.Missed, declared.Declaration.Late)));
        // A window that the step cut is declared in two parts.
        Assert.All(
            harness.Sink.Declarations.GroupBy(static declared => declared.WindowMs),
            window => Assert.Equal(harness.Sink.SentOf(window.Key), (window.Sum(static part => part.Declaration.Sent), window.Aggregate(0ul, static (sum, part) => sum + part.Declaration.Digest))));
    }

    [Fact]
    public async Task Step_WallClockDrifts_KeepsItsGridWithoutAStep()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(collectors: cpu);
        await harness.RunAsync(Seconds(2));

        harness.Time.WallOffset += Seconds(0.3);
        await harness.RunAsync(Seconds(120));

        Assert.Equal(0u, harness.Sink.ClockGeneration);
        long[] times = [.. harness.Sink.Frames.SelectMany(static frame => frame.TimesMs)];
        Assert.Equal(Enumerable.Range(0, times.Length).Select(static i => Start + (i * 1000L)), times);
        Assert.All(harness.Sink.Declarations, static declared => Assert.Equal(0, declared.Declaration.Missed));
        // The ticks now begin by the corrected clock: the wall clock shows the full second.
        Assert.InRange(harness.Sink.Frames[^1].Value("weir.agent.tick.skew", "high/1s")!.Value, 0, 0.005);
    }

    [Fact]
    public async Task Step_SpoolRefusesFrames_TheyAreDeclaredDropped()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(frameTicks: 1, collectors: cpu);
        await harness.RunAsync(Seconds(2));
        harness.Sink.Refuses = new IOException("no space");
        await harness.RunAsync(Seconds(3));
        harness.Sink.Refuses = null;
        await harness.RunAsync(Seconds(56));

        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal((120, 6), (declaration.Collected, declaration.Dropped[DropReason.SpoolFailed]));
        Assert.Equal((declaration.Sent, declaration.Digest), harness.Sink.SentOf(Start));
    }

    [Fact]
    public async Task Step_BaselineFails_TheFrameBeforeItIsSentAndNothingDropped()
    {
        using var cpu = new FakeCollector("cpu", "0");
        var log = new RecordedLog();
        using var harness = new EngineHarness(frameTicks: 1, logger: log, collectors: cpu);
        // What listens to the count of baselines fails, in this test alone.
        var isHere = new AsyncLocal<bool> { Value = true };
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => { if (instrument.Name == "weir.agent.baselines") listener.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => { if (isHere.Value) throw new InvalidOperationException("no room"); });
        listener.Start();

        await harness.RunAsync(Seconds(61));

        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal((120, 120), (declaration.Collected, declaration.Sent));
        Assert.Equal(0, declaration.Dropped.Values.Sum());
        Assert.StartsWith("1031 Group high/1s has no new baseline", Assert.Single(log.Lines, static line => line.Contains("(failure 1 ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_SpoolStandsStill_MemoryIsBoundedAndTheRestDeclaredDropped()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(frameTicks: 1, collectors: cpu);

        await harness.RunAsync(Seconds(50), spool: false);
        await harness.RunAsync(Seconds(11));

        WindowDeclaration declaration = Assert.Single(harness.Sink.Declarations).Declaration;
        Assert.Equal(120, declaration.Collected);
        Assert.InRange(declaration.Dropped[DropReason.SpoolFailed], 60, 68);
        Assert.Equal((declaration.Sent, declaration.Digest), harness.Sink.SentOf(Start));
    }

    [Fact]
    public async Task Step_DeclarationRefused_IsSentWithTheNext()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(collectors: cpu);
        await harness.RunAsync(Seconds(59.9));
        harness.Sink.Refuses = new IOException("no space");
        await harness.RunAsync(Seconds(1));
        harness.Sink.Refuses = null;
        await harness.RunAsync(Seconds(60));

        Assert.Equal([Start, Start + 60_000], harness.Sink.Declarations.Select(static declared => declared.WindowMs));
    }

    [Fact]
    public async Task Finish_InsideAFrame_SendsAndDeclaresWhatWasGathered()
    {
        using var cpu = new FakeCollector("cpu", "0");
        using var harness = new EngineHarness(collectors: cpu);
        await harness.RunAsync(Seconds(3));

        await harness.FinishAsync();

        Assert.Equal(3, Assert.Single(harness.Sink.Frames).Header.Ticks);
        Assert.Equal(6, Assert.Single(harness.Sink.Declarations).Declaration.Sent);
    }
}
