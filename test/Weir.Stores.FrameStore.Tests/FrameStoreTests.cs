using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

public sealed class FrameStoreTests
{
    private const long T0 = 1_700_000_000_000;

    private static LabelMatcher Equal(string name, string value) => new(name, MatchOperator.Equal, value);

    private static async Task AssertTimesAsync(StoreFixture fixture, long fromMs, long toMs, IEnumerable<long> times, bool latestOnly = false) =>
        Assert.Equal(times, Assert.Single(await fixture.ReadAsync(fromMs, toMs, latestOnly)).TimesMs);

    [Fact]
    public async Task Read_FramesOfAnyLength_GivesEverySampleBitExact()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(T0));
        await fixture.WriteAsync(agent, agent.Frame(T0 + 1000, ticks: 5));
        await fixture.WriteAsync(agent, agent.Frame(T0 + 6000, ticks: 60), LogClass.Backfill);
        IReadOnlyList<SeriesSamples> read = await fixture.ReadAsync(T0, T0 + 100_000);
        Assert.Equal(3, read.Count);
        foreach (SeriesSamples series in read)
        {
            int index = series.Labels["instance"][1] - '0';
            Assert.Equal(Enumerable.Range(0, 66).Select(static i => T0 + (i * 1000L)), series.TimesMs);
            Assert.Equal(series.TimesMs.Select(time => TestAgent.Value(1, index, time)), series.Values);
        }
    }

    [Fact]
    public async Task Read_Range_CutsFramesAtItsEdges()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1, series: 1);
        for (int i = 0; i < 10; i++) await fixture.WriteAsync(agent, agent.Frame(T0 + (i * 10_000), ticks: 10));
        await AssertTimesAsync(fixture, T0 + 9000, T0 + 11_000, [T0 + 9000, T0 + 10_000, T0 + 11_000]);
        await AssertTimesAsync(fixture, 0, T0, [T0]);
        Assert.Empty(await fixture.ReadAsync(T0 + 100_000, long.MaxValue / 2));
        Assert.Empty(await fixture.ReadAsync(0, T0 - 1));
    }

    [Fact]
    public async Task Read_LateFrames_AreSortedIn()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1, series: 1);
        foreach (int i in (int[])[4, 0, 3, 1, 2]) await fixture.WriteAsync(agent, agent.Frame(T0 + (i * 5000), ticks: 5));
        await AssertTimesAsync(fixture, T0, T0 + 30_000, Enumerable.Range(0, 25).Select(static i => T0 + (i * 1000L)));
    }

    [Fact]
    public async Task Read_TwoFramesOfOneTime_TheHigherRankWinsInAnyOrder()
    {
        foreach (bool newerFirst in (bool[])[true, false])
        {
            await using StoreFixture fixture = await StoreFixture.CreateAsync();
            var agent = new TestAgent(1, series: 1);
            byte[] old = agent.Frame(T0, ticks: 3), replaced = agent.Frame(T0 + 1000, shift: 5);
            await fixture.WriteAsync(agent, newerFirst ? replaced : old, startNumber: newerFirst ? 2u : 1u);
            await fixture.WriteAsync(agent, newerFirst ? old : replaced, startNumber: newerFirst ? 1u : 2u);
            SeriesSamples series = Assert.Single(await fixture.ReadAsync(T0, T0 + 10_000));
            Assert.Equal([T0, T0 + 1000, T0 + 2000], series.TimesMs);
            Assert.Equal(TestAgent.Value(1, 0, T0 + 1000) + 5, series.Values[1]);
            Assert.Equal(TestAgent.Value(1, 0, T0 + 2000), series.Values[2]);
        }
    }

    [Fact]
    public async Task Read_SchemaThatChanged_ContinuesTheSeries()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var two = new TestAgent(1, series: 2);
        var three = new TestAgent(1, series: 3);
        await fixture.WriteAsync(two, two.Frame(T0));
        await fixture.WriteAsync(three, three.Frame(T0 + 1000));
        IReadOnlyList<SeriesSamples> read = await fixture.ReadAsync(T0, T0 + 2000);
        Assert.Equal([2, 2, 1], read.OrderBy(static series => series.Labels["instance"], StringComparer.Ordinal).Select(static series => series.TimesMs.Length));
    }

    [Fact]
    public async Task Read_Latest_FollowsNewFramesAndOlderTimes()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1, series: 1);
        for (int i = 0; i < 5; i++)
        {
            await fixture.WriteAsync(agent, agent.Frame(T0 + (i * 1000)));
            SeriesSamples newest = Assert.Single(await fixture.ReadAsync(T0 - 300_000, T0 + 60_000, latestOnly: true));
            Assert.Equal([T0 + (i * 1000L)], newest.TimesMs);
            Assert.Equal(TestAgent.Value(1, 0, T0 + (i * 1000L)), newest.Values[0]);
        }

        await AssertTimesAsync(fixture, T0, T0 + 2500, [T0 + 2000], latestOnly: true);
        Assert.Empty(await fixture.ReadAsync(T0 - 300_000, T0 - 1, latestOnly: true));
    }

    [Theory]
    [InlineData(100, 50, 99)]
    [InlineData(100, 97, 101)]
    [InlineData(15, 12, 16)]
    public async Task Read_Latest_FindsItInTheFrameThatEndsLastWhicheverBeganFirst(int firstTicks, int lastAt, int newest)
    {
        foreach (bool isSealed in (bool[])[false, true])
        {
            await using StoreFixture fixture = await StoreFixture.CreateAsync();
            var agent = new TestAgent(1, series: 1);
            await fixture.WriteAsync(agent, agent.Frame(T0, firstTicks));
            await fixture.WriteAsync(agent, agent.Frame(T0 + 10_000, ticks: 5));
            await fixture.WriteAsync(agent, agent.Frame(T0 + (lastAt * 1000), ticks: 5));
            if (isSealed) await fixture.SealAsync();
            await AssertTimesAsync(fixture, T0, T0 + 200_000, [T0 + (newest * 1000)], latestOnly: true);
            await AssertTimesAsync(fixture, T0, T0 + (newest * 1000) - 1, [T0 + (newest * 1000) - 1000], latestOnly: true);
        }
    }

    [Fact]
    public async Task Read_Matchers_SelectByHostAndSeriesLabels()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        foreach (int number in (int[])[1, 2])
        {
            var agent = new TestAgent(number);
            fixture.Describe(agent, new SeriesAttribute("host.name", agent.HostName), new SeriesAttribute("os.type", "test"), new SeriesAttribute("site", $"s{number}"));
            await fixture.WriteAsync(agent, agent.Frame(T0));
        }

        SeriesSamples one = Assert.Single(await fixture.ReadAsync(T0, T0, false, Equal("host_name", "test-2"), Equal("instance", "i1")));
        Assert.Equal($$"""test_value_ratio{host_id="{{new TestAgent(2).Id}}",host_name="test-2",instance="i1",site="s2"}""", one.Labels.ToString());
        Assert.Equal(3, (await fixture.ReadAsync(T0, T0, false, new LabelMatcher("site", MatchOperator.Regex, "s[13]"))).Count);
        Assert.Equal(6, (await fixture.ReadAsync(T0, T0, false, Equal("os_type", ""))).Count);
        Assert.Empty(await fixture.ReadAsync(T0, T0, false, Equal("host_name", "test-3")));
        Assert.Empty(await fixture.ReadAsync(T0, T0, false, new LabelMatcher("instance", MatchOperator.NotRegex, "i.")));
    }

    [Fact]
    public async Task Read_AboveALimit_FailsWhole()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(T0, ticks: 10));
        var selection = new SeriesSelection { Tenant = "default", Matchers = [], FromMs = T0, ToMs = T0 + 10_000 };
        await Assert.ThrowsAsync<ReadLimitException>(async () => await fixture.Store.ReadAsync(selection with { MaxSamples = 29 }, CancellationToken.None));
        await Assert.ThrowsAsync<ReadLimitException>(async () => await fixture.Store.ReadAsync(selection with { MaxSeries = 2 }, CancellationToken.None));
        Assert.Equal(3, (await fixture.Store.ReadAsync(selection with { MaxSamples = 30, MaxSeries = 3 }, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Read_AboveTheLimitOfSamples_FailsAtTheFirstBlockThatPassesIt()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int hour = 0; hour < 20; hour++) await fixture.WriteAsync(agent, agent.Frame(T0 + (hour * 3_600_000L), ticks: 3600));
        await fixture.SealAsync();
        var opened = new List<string>();
        fixture.Faulty.BeforeOpen = opened.Add;
        var selection = new SeriesSelection { Tenant = "default", Matchers = [], FromMs = 0, ToMs = long.MaxValue / 2, MaxSamples = 1000 };
        await Assert.ThrowsAsync<ReadLimitException>(async () => await fixture.Store.ReadAsync(selection, CancellationToken.None));
        Assert.EndsWith(".part", Assert.Single(opened), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_CopiesAndFramesReachingOutOfTheRange_AreNotHeldAgainstAnAnswerThatFits(bool isSealed)
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(T0, ticks: 100));
        if (isSealed) await fixture.SealAsync();
        await fixture.WriteAsync(agent, agent.Frame(T0, ticks: 100, shift: 1), startNumber: 2);
        if (isSealed) await fixture.SealAsync();
        var selection = new SeriesSelection { Tenant = "default", Matchers = [], FromMs = T0 + 20_000, ToMs = T0 + 29_999, MaxSamples = 30 };
        Assert.All(await fixture.Store.ReadAsync(selection, CancellationToken.None), static series => Assert.Equal(10, series.TimesMs.Length));
        await Assert.ThrowsAsync<ReadLimitException>(async () => await fixture.Store.ReadAsync(selection with { MaxSamples = 29 }, CancellationToken.None));
        // A third copy of each is more than the limit again.
        await fixture.WriteAsync(agent, agent.Frame(T0, ticks: 100, shift: 2), startNumber: 3);
        await Assert.ThrowsAsync<ReadLimitException>(async () => await fixture.Store.ReadAsync(selection, CancellationToken.None));
    }

    [Fact]
    public async Task Read_DamagedFrame_IsLeftOutAndItsNeighboursAnswered()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1, series: 1);
        byte[] middle = [];
        for (int i = 0; i < 3; i++)
        {
            byte[] frame = agent.Frame(T0 + (i * 1000));
            if (i == 1) middle = frame;
            await fixture.WriteAsync(agent, frame);
        }

        string path = Path.Combine("/log/live/0", $"{0:D20}.seg");
        byte[] content = fixture.Files.Read(path);
        int at = content.AsSpan().LastIndexOf(middle.AsSpan(20));
        Assert.True(at > 0);
        content[at + 30] ^= 1;
        fixture.Files.Overwrite(path, content);
        await AssertTimesAsync(fixture, T0, T0 + 10_000, [T0, T0 + 2000]);
    }

    [Fact]
    public async Task Hosts_ShowAttributesAndFreshness()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        fixture.Describe(agent, new SeriesAttribute("host.name", "db-1"), new SeriesAttribute("os.type", "linux"));
        await fixture.WriteAsync(agent, agent.Frame(T0, ticks: 5));
        HostInfo host = Assert.Single(fixture.Store.Hosts("default"));
        Assert.Equal(("db-1", T0 + 4000, 1000, 3), (host.Name, host.LastSampleMs, host.IntervalMs, host.SeriesCount));
        Assert.Equal("linux", host.Attributes["os.type"]);
        Assert.Empty(fixture.Store.Hosts("somebody else"));
    }

    [Fact]
    public async Task Retention_ByAge_GivesUpOldSegmentsAndOnlyThose()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(T0));
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new FrameStoreOptions { RetentionAge = TimeSpan.FromHours(1), RetentionBytes = null, SealInterval = null }, time);
        var agent = new TestAgent(1, series: 1);
        for (int i = 0; i < 60; i++)
        {
            await fixture.WriteAsync(agent, agent.Frame(T0 + (i * 120_000)));
            time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.True(fixture.Partitions[0].WantsAdvance(out LogPositions to));
        long before = fixture.Log.SizeBytes;
        fixture.Partitions[0].Advance(new StoreProgress(to, new byte[] { 1, 0, 0 }));
        Assert.False(fixture.Partitions[0].WantsAdvance(out _));
        Assert.True(fixture.Log.SizeBytes < before);
        SeriesSamples left = Assert.Single(await fixture.ReadAsync(0, long.MaxValue / 2));
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // Whole segments expire, so a little more than an hour is left, and never less.
        Assert.True(left.TimesMs[0] <= now - 3_600_000 + 120_000);
        Assert.True(left.TimesMs[0] > T0);
        Assert.Equal(T0 + (59 * 120_000L), left.TimesMs[^1]);
    }

    [Fact]
    public async Task Retention_ByBytes_GivesUpTheOldest()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync(new FrameStoreOptions { RetentionAge = null, RetentionBytes = 6000, SealInterval = null });
        var agent = new TestAgent(1, series: 1);
        for (int i = 0; i < 80; i++) await fixture.WriteAsync(agent, agent.Frame(T0 + (i * 1000)));
        Assert.True(fixture.Log.SizeBytes > 10_000);
        while (fixture.Partitions[0].WantsAdvance(out LogPositions to)) fixture.Partitions[0].Advance(new StoreProgress(to, new byte[] { 1, 0, 0 }));
        Assert.InRange(fixture.Log.SizeBytes, 2000, 8500);
        Assert.Equal(T0 + 79_000, Assert.Single(await fixture.ReadAsync(0, long.MaxValue / 2)).TimesMs[^1]);
    }
}
