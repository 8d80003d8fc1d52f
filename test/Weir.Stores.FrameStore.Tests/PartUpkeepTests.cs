using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;
using Weir.Stores.FrameStore.Upkeep;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>What befalls samples between the log and the end of their retention.</summary>
public sealed class PartUpkeepTests
{
    private const long Hour = 3_600_000;
    private const long T0 = 472_222 * Hour;

    private readonly StoreModel _model = new();
    private readonly TestAgent _agent = new(1);

    [Fact]
    public async Task Frames_ThatComeLate_JoinTheirHourBeforeDuringAndAfterItsMerge()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        await WriteAsync(fixture, T0, 10);
        await fixture.SealAsync();
        await WriteAsync(fixture, T0 + 5000, 10);
        await fixture.SealAsync();
        using var upkeep = new StoreUpkeep(fixture.Store);
        // One is sealed but waits for the writer, one is hot, while the hour is merged.
        await WriteAsync(fixture, T0 + 12_000, 10);
        await upkeep.SealAsync(fixture.Partition, static () => { }, CancellationToken.None);
        await WriteAsync(fixture, T0 + 2000, 3);
        await upkeep.MergeAsync(fixture.Partition, CancellationToken.None);
        await AssertAnswersAsync(fixture);
        fixture.Advance();
        Assert.Equal(2, fixture.Partition.Parts.Count);
        await AssertAnswersAsync(fixture);
        await fixture.SealAsync();
        await fixture.MergeAsync();
        await WriteAsync(fixture, T0 + 1000, 30, LogClass.Backfill);
        await AssertAnswersAsync(fixture);
        await fixture.SealAsync();
        await fixture.MergeAsync();
        Assert.Single(fixture.Partition.Parts);
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task Merge_WhileASealWaitsForTheWriter_LeavesAManifestThatCanBeRead()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        for (int i = 0; i < 2; i++)
        {
            await WriteAsync(fixture, T0 + (i * 10_000), 10);
            await fixture.SealAsync();
        }

        using var upkeep = new StoreUpkeep(fixture.Store);
        await WriteAsync(fixture, T0 + 20_000, 10);
        await upkeep.SealAsync(fixture.Partition, static () => { }, CancellationToken.None);
        await upkeep.MergeAsync(fixture.Partition, CancellationToken.None);
        fixture.Advance();
        Assert.Equal([3L, 4L], fixture.Partition.Manifest.Current.Parts.Select(static part => part.Number));
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task Seal_PartFileThatDoesNotMove_HoldsBackNeitherAppendsNorAnswers()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        await WriteAsync(fixture, T0, 10);
        using var writing = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        fixture.Files.BeforeWrite = path =>
        {
            if (!path.StartsWith("/store/", StringComparison.Ordinal)) return;
            writing.Set();
            released.Wait(TestContext.Current.CancellationToken);
        };
        Task sealing = Task.Run(fixture.SealAsync, TestContext.Current.CancellationToken);
        writing.Wait(TestContext.Current.CancellationToken);
        for (int i = 1; i <= 50; i++)
        {
            await WriteAsync(fixture, T0 + (i * 10_000), 10);
            await AssertAnswersAsync(fixture);
        }

        Assert.False(sealing.IsCompleted);
        Assert.Empty(fixture.Partition.Parts);
        released.Set();
        await sealing;
        Assert.Single(fixture.Partition.Parts);
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task Merge_WithoutRoomBesideIt_IsRefusedAndTheLogKeepsItsOwn()
    {
        FakeTimeProvider time = At(T0);
        await using StoreFixture fixture = await StoreFixture.CreateAsync(time: time);
        await fixture.CloseAsync();
        fixture.Reserve = new DiskReserve(fixture.Files, "/", 2000, time);
        Assert.True(fixture.Reserve.TryHold());
        await fixture.OpenAsync();
        for (int i = 0; i < 2; i++)
        {
            await WriteAsync(fixture, T0 + (i * 10_000), 10);
            await fixture.SealAsync();
        }

        // For the merged part and no reserve beside it.
        fixture.Files.FreeBytes = fixture.Partition.Parts.Sum(static part => part.Info.Bytes) + 1000;
        long free = fixture.Files.FreeBytes.Value;
        Assert.True(DiskFull.Is(await Assert.ThrowsAnyAsync<IOException>(fixture.MergeAsync)));
        Assert.Equal((free, 2000), (fixture.Files.FreeBytes, fixture.Reserve.HeldBytes));
        await WriteAsync(fixture, T0 + 20_000, 1);

        // The reserve is given up: not even tried.
        fixture.Files.FreeBytes = 0;
        await Assert.ThrowsAsync<LogException>(() => WriteAsync(fixture, T0 + 21_000, 1));
        time.Advance(TimeSpan.FromSeconds(1));
        long number = fixture.Partition.Manifest.TakePartNumber();
        await Assert.ThrowsAnyAsync<IOException>(fixture.MergeAsync);
        Assert.Equal(number + 1, fixture.Partition.Manifest.TakePartNumber());

        fixture.Files.FreeBytes = null;
        time.Advance(TimeSpan.FromSeconds(1));
        await fixture.MergeAsync();
        Part merged = Assert.Single(fixture.Partition.Parts);
        Assert.Equal(merged.Info.Bytes, fixture.Files.Read(merged.Path).Length);
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task Retention_ByAge_TakesHoursThatEndedLongerAgoAndTheirLatecomers()
    {
        FakeTimeProvider time = At(T0);
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new() { RetentionAge = TimeSpan.FromHours(2), RetentionBytes = null }, time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        await WriteAsync(fixture, T0, 10);
        await WriteAsync(fixture, T0 + Hour, 10);
        await fixture.SealAsync();
        time.Advance(TimeSpan.FromHours(3));
        await upkeep.StepAsync(CancellationToken.None);
        Assert.Equal(2, fixture.Partition.Parts.Count);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await upkeep.StepAsync(CancellationToken.None);
        _model.Forget(static at => at < T0 + Hour);
        await AssertAnswersAsync(fixture);
        // Late for an hour that is gone: sealed, given up again, and nothing else comes back with it.
        await fixture.WriteAsync(_agent, _agent.Frame(T0 + 20_000, 5), LogClass.Backfill);
        await fixture.SealAsync();
        await upkeep.StepAsync(CancellationToken.None);
        await AssertAnswersAsync(fixture);
        Assert.Single(fixture.Files.ListFiles("/store/0/parts"));
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task Retention_ByBytes_TakesTheOldestHoursUntilTheRestFits()
    {
        FakeTimeProvider time = At(T0 + (8 * Hour));
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new() { RetentionAge = null, RetentionBytes = 6000 }, time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        for (int hour = 0; hour < 12; hour++) await WriteAsync(fixture, T0 + (hour * Hour), 60);
        await fixture.SealAsync();
        Assert.True(fixture.Partition.SizeBytes > 6000);
        await upkeep.StepAsync(CancellationToken.None);
        IReadOnlyList<Part> kept = fixture.Partition.Parts;
        Assert.InRange(kept.Count, 1, 11);
        Assert.True(fixture.Partition.SizeBytes <= 6000 && fixture.Partition.SizeBytes + (2 * kept.Max(static part => part.Info.Bytes)) > 6000);
        Assert.Equal(T0 + (11 * Hour), kept[^1].Info.HourMs);
        Assert.Equal(kept.Count - 1, (kept[^1].Info.HourMs - kept[0].Info.HourMs) / Hour);
        _model.Forget(at => at < kept[0].Info.HourMs);
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task Exclude_TakesSamplesOutOfSight_BeforeAndAfterAMergeAndNoOthers()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        await WriteAsync(fixture, T0, 20);
        await fixture.SealAsync();
        await WriteAsync(fixture, T0 + 20_000, 20);
        await fixture.SealAsync();
        Part part = fixture.Partition.Parts[0];
        Assert.True(fixture.Partition.TryExclude(part, new Exclusion("default", _agent.Id, _agent.Schema.SeriesHashes[1], T0 + 3000, T0 + 5000)));
        Assert.True(fixture.Partition.TryExclude(part, new Exclusion("default", new TestAgent(2).Id, 0, 0, long.MaxValue / 2)));
        Assert.True(fixture.Partition.TryExclude(part, new Exclusion("other", _agent.Id, 0, 0, long.MaxValue / 2)));
        _model.Forget(1, 1, T0 + 3000, T0 + 5000);
        await AssertAnswersAsync(fixture);
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        await AssertAnswersAsync(fixture);
        await fixture.MergeAsync();
        PartInfo merged = Assert.Single(fixture.Partition.Parts).Info;
        Assert.Empty(merged.Exclusions);
        Assert.Equal((3 * 40) - 3, merged.Samples);
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task TryExclude_OfAPartThatWasMergedMeanwhile_SaysSo()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        await WriteAsync(fixture, T0, 10);
        await fixture.SealAsync();
        await WriteAsync(fixture, T0 + 10_000, 10);
        await fixture.SealAsync();
        Part gone = fixture.Partition.Parts[0];
        await fixture.MergeAsync();
        var exclusion = new Exclusion("default", _agent.Id, _agent.Schema.SeriesHashes[1], T0 + 3000, T0 + 5000);
        Assert.False(fixture.Partition.TryExclude(gone, exclusion));
        await AssertAnswersAsync(fixture);
        Assert.True(fixture.Partition.TryExclude(Assert.Single(fixture.Partition.Parts), exclusion));
        _model.Forget(1, 1, T0 + 3000, T0 + 5000);
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task TryExclude_OfManyAtOnce_LosesNone()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        await WriteAsync(fixture, T0, 60);
        await fixture.SealAsync();
        Part part = fixture.Partition.Parts[0];
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 4 }, second =>
        {
            long at = T0 + (second * 1000L);
            Assert.True(fixture.Partition.TryExclude(part, new Exclusion("default", _agent.Id, _agent.Schema.SeriesHashes[1], at, at)));
        });
        Assert.Equal(60, part.Info.Exclusions.Count);
        Assert.Equal(part.Info.Exclusions, fixture.Partition.Manifest.Current.Parts[0].Exclusions);
        _model.Forget(1, 1, T0, T0 + 60_000);
        await AssertAnswersAsync(fixture);
    }

    [Fact]
    public async Task Frame_ThatCannotBeDecoded_IsKeptAsItWasThroughSealAndMerge()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        byte[] frame = _agent.Frame(T0, 5);
        await fixture.WriteAsync(_agent, frame);
        string log = fixture.Files.ListFiles("/log/live/0").Select(static name => "/log/live/0/" + name).Single(path => fixture.Files.Read(path).AsSpan().IndexOf(frame) >= 0);
        byte[] bytes = fixture.Files.Read(log);
        bytes[bytes.AsSpan().IndexOf(frame) + frame.Length - 1] ^= 1;
        fixture.Files.Overwrite(log, bytes);
        frame[^1] ^= 1;
        await WriteAsync(fixture, T0 + 10_000, 5);
        await fixture.SealAsync();
        AssertKept(fixture, frame);
        await AssertAnswersAsync(fixture);
        await WriteAsync(fixture, T0 + 20_000, 5);
        await fixture.SealAsync();
        await fixture.MergeAsync();
        AssertKept(fixture, frame);
        await AssertAnswersAsync(fixture);
        Assert.Empty(new StoreInspection(fixture.Store).Verify(CancellationToken.None));
    }

    [Fact]
    public async Task Frame_OverTheEndOfAnHour_WithTimesOffTheGrid_IsSplit()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        long[] times = [T0 + Hour - 5000, T0 + Hour - 3999, T0 + Hour - 1, T0 + Hour, T0 + Hour + 1, T0 + Hour + 7777];
        var builder = new FrameBuilder(_agent.Schema, times.Length);
        foreach (long time in times) builder.AddTick(time, [time, time + 1, time + 2], [1, 1, 1]);
        await fixture.WriteAsync(_agent, builder.Seal(1, 0), lastMs: times[^1]);
        await fixture.SealAsync();
        Assert.Equal([(T0, 9L), (T0 + Hour, 9L)], fixture.Partition.Parts.Select(static part => (part.Info.HourMs, part.Info.Samples)));
        IReadOnlyList<SeriesSamples> read = await fixture.ReadAsync(0, long.MaxValue / 2);
        Assert.Equal(3, read.Count);
        foreach (SeriesSamples series in read)
        {
            Assert.Equal(times, series.TimesMs);
            int index = series.Labels["instance"]![1] - '0';
            Assert.Equal(times.Select(time => (double)time + index), series.Values);
        }

        Assert.Empty(new StoreInspection(fixture.Store).Verify(CancellationToken.None));
    }

    [Fact]
    public async Task Reader_BetweenTwoSeals_KeepsItsLogWhenAnOlderReaderEnds()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        await fixture.WriteAsync(_agent, _agent.Frame(T0, 10));
        IDisposable older = fixture.Partition.BeginRead("default", static (_, _) => { });
        await fixture.SealAsync();
        // Several segments of log, which the second seal gives up.
        for (int i = 1; i <= 40; i++) await fixture.WriteAsync(_agent, _agent.Frame(T0 + (i * 10_000), 10));
        var selection = new SeriesSelection { Tenant = "default", Matchers = [], FromMs = 0, ToMs = long.MaxValue / 2 };
        using (ReadPlan plan = ReadPlan.Make([fixture.Partition], selection))
        {
            await fixture.SealAsync();
            older.Dispose();
            fixture.Partition.Reads.Collect();
            using var read = new SeriesRead(fixture.Store, selection);
            Assert.All(read.Run(plan.Hosts, CancellationToken.None), static series => Assert.Equal(410, series.TimesMs.Length));
        }

        fixture.Partition.Reads.Collect();
        Assert.Equal(fixture.Partition.Progress.Positions.Live, fixture.Partition.Live.DurableEnd);
        Assert.Single(fixture.Partition.Live.Segments);
    }

    [Fact]
    public async Task Frame_WithAGapOfDays_MakesPartsOnlyOfTheHoursThatItHasTicksIn()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        long[] times = [T0, T0 + 1, T0 + (100 * Hour), T0 + (360 * Hour)];
        var builder = new FrameBuilder(_agent.Schema, times.Length);
        foreach (long time in times) builder.AddTick(time, [1, 2, 3], [1, 1, 1]);
        await fixture.WriteAsync(_agent, builder.Seal(1, 0), lastMs: times[^1]);
        int drafts = 0;
        fixture.Faulty.BeforeCreate = path => drafts += path.EndsWith(".part.new", StringComparison.Ordinal) ? 1 : 0;
        await fixture.SealAsync();
        Assert.Equal(3, drafts);
        Assert.Equal([T0, T0 + (100 * Hour), T0 + (360 * Hour)], fixture.Partition.Parts.Select(static part => part.Info.HourMs));
        Assert.All(await fixture.ReadAsync(0, long.MaxValue / 2), series => Assert.Equal(times, series.TimesMs));
    }

    [Theory]
    [InlineData(PartFormat.LastHourMs + Hour - 5000)]
    [InlineData(PartFormat.LastHourMs + Hour)]
    [InlineData((1L << 48) - 1000)]
    public async Task Frame_BehindTheLastHourOfParts_IsKeptAsItWasAndTheStoreOpens(long firstMs)
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        await WriteAsync(fixture, T0, 5);
        byte[] frame = _agent.Frame(firstMs, 3600);
        await fixture.WriteAsync(_agent, frame);
        await fixture.SealAsync();
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        Assert.All(fixture.Partition.Parts, static part => Assert.Equal(PartDamage.None, part.Damage));
        Part last = fixture.Partition.Parts[^1];
        Assert.Equal(PartFormat.LastHourMs, last.Info.HourMs);
        using var reader = new PartReader(last);
        Assert.Equal(frame, reader.TryReadUnreadableFrame(Assert.Single(reader.TryReadUnreadableFrames()!)));
        Assert.Empty(new StoreInspection(fixture.Store).Verify(CancellationToken.None));
        _model.Write(_agent, firstMs, 3600, 0, new FrameRank(0, 1, _agent.LastSeq, _agent.Epoch));
        _model.Forget(static at => at >= PartFormat.LastHourMs + Hour);
        await AssertAnswersAsync(fixture);
    }

    private static void AssertKept(StoreFixture fixture, byte[] frame)
    {
        using var reader = new PartReader(Assert.Single(fixture.Partition.Parts));
        UnreadableFrame kept = Assert.Single(reader.TryReadUnreadableFrames()!);
        Assert.Equal(frame, reader.TryReadUnreadableFrame(kept));
        Assert.Equal(new TestAgent(1).Id, kept.Agent);
    }

    private static FakeTimeProvider At(long ms) => new(DateTimeOffset.FromUnixTimeMilliseconds(ms));

    private async Task AssertAnswersAsync(StoreFixture fixture) => await _model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);

    private async Task WriteAsync(StoreFixture fixture, long firstMs, int ticks, LogClass logClass = LogClass.Live)
    {
        await fixture.WriteAsync(_agent, _agent.Frame(firstMs, ticks), logClass);
        _model.Write(_agent, firstMs, ticks, 0, new FrameRank(0, 1, _agent.LastSeq, _agent.Epoch));
    }
}
