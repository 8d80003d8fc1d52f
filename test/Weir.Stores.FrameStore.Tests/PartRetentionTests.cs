using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;
using Weir.Stores.FrameStore.Upkeep;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>When the store seals, merges and gives up by itself.</summary>
public sealed class PartRetentionTests
{
    private const long Hour = 3_600_000;
    private const long T0 = 472_222L * Hour;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(T0));

    [Fact]
    public async Task Upkeep_SealsWhatIsOlderThanAMinute_EveryInterval()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new FrameStoreOptions { RetentionAge = null, RetentionBytes = null, UpkeepShare = 1 }, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var agent = new TestAgent(1, series: 1);
        for (int minute = 0; minute < 6; minute++)
        {
            await fixture.WriteAsync(agent, agent.Frame(T0 + (minute * 60_000L), ticks: 60));
            await StepAsync(fixture, upkeep);
            Assert.Equal(minute == 5 ? 1 : 0, fixture.Partition.Parts.Count);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        // The newest minute is hot still; nothing is there twice, nothing is missing.
        Assert.Equal(300, fixture.Partition.Parts[0].Info.Samples);
        Assert.Equal(360, Assert.Single(await fixture.ReadAsync(0, long.MaxValue / 2)).TimesMs.Length);
    }

    [Fact]
    public async Task Upkeep_MergesAnEndedHour_AndGivesUpHoursByAge()
    {
        var options = new FrameStoreOptions { RetentionAge = TimeSpan.FromHours(5), RetentionBytes = null, UpkeepShare = 1, KeepHot = TimeSpan.Zero };
        await using StoreFixture fixture = await StoreFixture.CreateAsync(options, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var model = new StoreModel();
        var agent = new TestAgent(1, series: 2);
        for (long now = T0; now < T0 + (10 * Hour); now += 600_000)
        {
            await fixture.WriteAsync(agent, agent.Frame(now, ticks: 30));
            model.Write(agent, now, 30, 0, new FrameRank(0, 1, agent.LastSeq, agent.Epoch));
            _time.Advance(TimeSpan.FromMinutes(10));
            await StepAsync(fixture, upkeep);
            ForgetExpired(model);
            await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        }

        // Six hours are left, and all but those that still grow are one part each.
        Assert.InRange(fixture.Partition.Parts.Count, 6, 14);
        Assert.Equal(fixture.Partition.Parts.Count, fixture.Files.ListFiles("/store/0/parts").Count);
        Assert.Equal(1, fixture.Partition.Parts.Count(static part => part.Info.HourMs == T0 + (6 * Hour)));

        // A frame of an hour that has gone does not bring it back for longer than to the next look.
        await fixture.WriteAsync(agent, agent.Frame(T0, ticks: 5));
        for (int i = 0; i < 2; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            await StepAsync(fixture, upkeep);
        }

        Assert.DoesNotContain(fixture.Partition.Parts, static part => part.Info.HourMs == T0);
        ForgetExpired(model);
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
    }

    [Fact]
    public async Task Retention_ByBytes_GivesUpTheOldestHourFirst()
    {
        var options = new FrameStoreOptions { RetentionAge = null, RetentionBytes = 5_000, UpkeepShare = 1, KeepHot = TimeSpan.Zero };
        await using StoreFixture fixture = await StoreFixture.CreateAsync(options, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var agent = new TestAgent(1);
        for (int hour = 0; hour < 30; hour++)
        {
            await fixture.WriteAsync(agent, agent.Frame(T0 + (hour * Hour), ticks: 60));
            _time.Advance(TimeSpan.FromHours(1));
            await StepAsync(fixture, upkeep);
        }

        Assert.InRange(fixture.Partition.SizeBytes, 1, 5_000);
        long[] hours = [.. fixture.Partition.Parts.Select(static part => part.Info.HourMs)];
        Assert.Equal(Enumerable.Range(30 - hours.Length, hours.Length).Select(static hour => T0 + (hour * Hour)), hours);
    }

    [Fact]
    public async Task Upkeep_BehindAnUrgentSeal_NeverMovesTheProgressBack()
    {
        var options = new FrameStoreOptions { RetentionAge = null, RetentionBytes = null, SealBytes = 3000 };
        await using StoreFixture fixture = await StoreFixture.CreateAsync(options, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var agent = new TestAgent(1);
        int frames = 0;
        await WriteUntilAsync(1);
        await upkeep.StepAsync(CancellationToken.None);
        _time.Advance(options.KeepHot + TimeSpan.FromSeconds(1));
        await WriteUntilAsync(4 * options.SealBytes);
        await StepAsync(fixture, upkeep);
        LogPositions urgent = fixture.Partition.Progress.Positions;
        Assert.Equal(fixture.Partition.Live.DurableEnd, urgent.Live);
        // Enough to seal again; what was marked a minute ago lies before the progress.
        await WriteUntilAsync(options.SealBytes);
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await StepAsync(fixture, upkeep);
            Assert.Equal(urgent, fixture.Partition.Progress.Positions);
        }

        _time.Advance(options.KeepHot);
        await StepAsync(fixture, upkeep);
        Assert.Equal(fixture.Partition.Live.DurableEnd, fixture.Partition.Progress.Positions.Live);
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        // What a writer does at start.
        fixture.Log.OpenReader(LogClass.Live, 0, fixture.Partition.Progress.Positions.Live).Dispose();
        Assert.Equal(10 * frames, (await fixture.ReadAsync(0, long.MaxValue / 2))[0].TimesMs.Length);

        async Task WriteUntilAsync(long unsealed)
        {
            while (fixture.Partition.UnsealedBytes < unsealed) await fixture.WriteAsync(agent, agent.Frame(T0 + (frames++ * 10_000), 10));
        }
    }

    [Fact]
    public async Task Upkeep_WhoseWorkFailsInAnyWay_GoesOnAndTriesAgain()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new FrameStoreOptions { RetentionAge = null, RetentionBytes = null, SealInterval = TimeSpan.FromSeconds(1) }, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(T0, 10));
        int failures = 0;
        fixture.Faulty.BeforeCreate = path =>
        {
            if (!path.EndsWith(".part.new", StringComparison.Ordinal)) return;
            failures++;
            throw new InvalidOperationException("a bug");
        };
        for (int i = 0; i < 3; i++) await StepAfterBackoffAsync(fixture, upkeep);
        Assert.Equal(2, failures);
        fixture.Faulty.BeforeCreate = static _ => { };
        await StepAfterBackoffAsync(fixture, upkeep);
        Assert.Single(fixture.Partition.Parts);
    }

    [Fact]
    public async Task Upkeep_BehindAFullDisk_GivesNoFrameUpForOneFailedRead()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new FrameStoreOptions { RetentionAge = null, RetentionBytes = null, SealInterval = TimeSpan.FromSeconds(1) }, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(T0, 10));
        fixture.Faulty.BeforeCreate = static path =>
        {
            if (path.EndsWith(".part.new", StringComparison.Ordinal)) throw new IOException("no space left on device");
        };
        for (int i = 0; i < 6; i++) await StepAfterBackoffAsync(fixture, upkeep);
        fixture.Faulty.BeforeCreate = static _ => { };
        int failures = 1;
        fixture.Faulty.BeforeRead = path =>
        {
            if (path.EndsWith(".seg", StringComparison.Ordinal) && failures-- > 0) throw new IOException("input/output error, once");
        };
        for (int i = 0; i < 3; i++) await StepAfterBackoffAsync(fixture, upkeep);
        Assert.True(failures < 1);
        Assert.False(Assert.Single(fixture.Partition.Parts).HasUnreadableFrames);
        Assert.All(await fixture.ReadAsync(0, long.MaxValue / 2), static series => Assert.Equal(10, series.TimesMs.Length));
    }

    [Fact]
    public async Task Upkeep_OfALogThatDoesNotGiveSomeFrames_WaitsUntilThatIsDamageAndSealsTheRestAfterFiveAttempts()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new FrameStoreOptions { RetentionAge = null, RetentionBytes = null, SealInterval = TimeSpan.FromSeconds(1) }, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(T0, 10));
        fixture.Partition.Live.EndSegment();
        for (int i = 1; i < 4; i++) await fixture.WriteAsync(agent, agent.Frame(T0 + (i * 10_000), 10));
        string lost = FormattableString.Invariant($"{fixture.Partition.Live.Segments[1].Start:D20}.seg");
        fixture.Faulty.BeforeRead = path =>
        {
            if (path.EndsWith(lost, StringComparison.Ordinal)) throw new IOException("input/output error");
        };
        // The first step finds no mark that is old enough; then the disk is waited for, until the log calls it damage.
        for (int i = 0; i < 10; i++) await StepAfterBackoffAsync(fixture, upkeep);
        Assert.Empty(fixture.Files.ListFiles("/store/0/parts"));
        await StepAfterBackoffAsync(fixture, upkeep);
        Part part = Assert.Single(fixture.Partition.Parts);
        using var reader = new PartReader(part);
        Assert.Equal([2UL, 3UL, 4UL], reader.TryReadUnreadableFrames()!.Select(static frame => frame.Rank.Seq));
        Assert.All(await fixture.ReadAsync(0, long.MaxValue / 2), static series => Assert.Equal(10, series.TimesMs.Length));
    }

    [Theory]
    [InlineData(LogClass.Live)]
    [InlineData(LogClass.Backfill)]
    public async Task Upkeep_BehindAFrameThatWaited_SealsNotBeforeWhatReleasedIt(LogClass releasing)
    {
        var options = new FrameStoreOptions { RetentionAge = null, RetentionBytes = null, SealInterval = TimeSpan.FromSeconds(1) };
        await using StoreFixture fixture = await StoreFixture.CreateAsync(options, _time);
        using var upkeep = new StoreUpkeep(fixture.Store);
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(T0, 10), isWaiting: true);
        fixture.Reached();
        LogPositions between = fixture.Partition.ReachedPositions;
        await upkeep.StepAsync(CancellationToken.None);
        // In the writer's turn: the frame is there, and how far the turn comes is not known yet.
        fixture.Release(fixture.Written[0]);
        Assert.False(fixture.Partition.TryBeginSeal(between));
        await fixture.WriteAsync(agent, agent.Frame(T0 + 10_000, 10), releasing);
        LogPositions behind = fixture.Partition.ReachedPositions;
        _time.Advance(options.KeepHot + TimeSpan.FromSeconds(1));
        // The newest mark that is old enough lies between the two.
        await upkeep.StepAsync(CancellationToken.None);
        Assert.False(fixture.Partition.HasPendingSeal);
        _time.Advance(options.KeepHot);
        await upkeep.StepAsync(CancellationToken.None);
        Assert.True(fixture.Partition.WantsAdvance(out LogPositions to));
        Assert.Equal(behind, to);
        fixture.Advance();
        Assert.Equal(60, Assert.Single(fixture.Partition.Parts).Info.Samples);
    }

    [Fact]
    public async Task Frames_ThatAreWrittenBeforeTheWriterSaysHowFarItIs_HoldNoSealBack()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        // Two batches of one turn, the first frame behind the second.
        for (int i = 0; i < 2; i++) await fixture.WriteAsync(agent, agent.Frame(T0 + (i * 10_000), 10), isWaiting: true);
        fixture.Release(fixture.Written[1]);
        fixture.Release(fixture.Written[0]);
        fixture.Reached();
        await fixture.SealAsync();
        await fixture.WriteAsync(agent, agent.Frame(T0 + 20_000, 10));
        LogPositions to = fixture.Partition.ReachedPositions;
        await fixture.WriteAsync(agent, agent.Frame(T0 + 30_000, 10));
        Assert.True(fixture.Partition.TryBeginSeal(to));
    }

    // Behind it even the longest distance between attempts has passed.
    private async Task StepAfterBackoffAsync(StoreFixture fixture, StoreUpkeep upkeep)
    {
        await upkeep.StepAsync(CancellationToken.None);
        fixture.Advance();
        _time.Advance(TimeSpan.FromMinutes(6));
    }

    // Whole hours expire: five hours of age, and the hour itself.
    private void ForgetExpired(StoreModel model)
    {
        long oldest = _time.GetUtcNow().ToUnixTimeMilliseconds() - (6 * Hour);
        model.Forget(time => time - (time % Hour) < oldest);
    }

    private static async Task StepAsync(StoreFixture fixture, StoreUpkeep upkeep)
    {
        await upkeep.StepAsync(CancellationToken.None);
        fixture.Advance();
        await upkeep.StepAsync(CancellationToken.None);
    }
}
