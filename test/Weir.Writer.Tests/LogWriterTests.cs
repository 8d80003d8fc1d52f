using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

public sealed class LogWriterTests
{
    private const long T0 = 1_700_000_000_000;

    [Fact]
    public async Task Write_NewFrames_AreStoredInOrderAndTheHostDescribed()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, [agent.EpochStart(T0), .. agent.Objects(T0), agent.Frame(T0), agent.Frame(T0 + 1000)]);
        Assert.Equal([(agent.Epoch, 4UL), (agent.Epoch, 5UL)], fixture.Store.Names);
        Assert.Equal([(agent.Id, "test-1")], fixture.Store.Hosts);
        Assert.All(fixture.Store.Frames, frame => Assert.Equal(agent.Schema.Id, frame.Schema.Id));
    }

    [Fact]
    public async Task Write_FramesOfCodec1_ReachTheStoreWithTheirBaseline_AlsoBehindTheSnapshot()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        byte[] early = agent.Frame(T0);
        byte[] baseline = agent.NewBaseline(T0);
        await fixture.WriteAsync(agent, [.. agent.Objects(T0), early, baseline, agent.Frame(T0 + 1000)]);
        Assert.Equal([null, agent.Baseline!.Id.Short], fixture.Store.Frames.Select(static frame => frame.Baseline?.Id));
        int partition = agent.Id.Partition(fixture.Log.PartitionCount);
        await fixture.AdvanceAsync(partition, new LogPositions(fixture.Log.Partition(LogClass.Live, partition).DurableEnd, 0));
        await fixture.RestartAsync();
        Assert.Empty(fixture.Store.Frames);
        await fixture.WriteAsync(agent, [agent.Frame(T0 + 2000)]);
        StoreFrame frame = Assert.Single(fixture.Store.Frames);
        Assert.Equal(agent.Baseline.Id, frame.Baseline!.Unpack().Id);
        Assert.Equal(agent.Schema.Id, frame.Schema.Id);
    }

    [Fact]
    public async Task Write_FrameBeforeItsBaseline_WaitsAndIsStoredWhenItComes()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        byte[] baseline = agent.NewBaseline(T0);
        await fixture.WriteAsync(agent, [.. agent.Objects(T0), agent.Frame(T0)]);
        Assert.Empty(fixture.Store.Frames);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
        await fixture.WriteAsync(agent, [baseline]);
        Assert.NotNull(Assert.Single(fixture.Store.Frames).Baseline);
    }

    [Fact]
    public async Task Write_QuarantineOutOfDisk_FramesBeforeItReachTheStoreOnce()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        byte[] early = agent.Frame(T0);
        agent.NewBaseline(T0);
        await fixture.AppendAsync(agent, [.. agent.Objects(T0), early, agent.Frame(T0 + 1000)]);
        fixture.Files.FreeBytes = 0;
        await Assert.ThrowsAsync<LogException>(() => fixture.Writer.CatchUpAsync(TestContext.Current.CancellationToken));
        Assert.Single(fixture.Store.Frames);
        fixture.Files.FreeBytes = null;
        await fixture.Writer.CatchUpAsync(TestContext.Current.CancellationToken);
        Assert.Single(fixture.Store.Frames);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
    }

    [Fact]
    public async Task Write_MoreFramesThanAreHandedOverAtATime_AllReachTheStoreInOrder()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Objects(T0));
        byte[][] frames = [.. Enumerable.Range(0, 200).Select(i => agent.Frame(T0 + (i * 1000)))];
        foreach (byte[][] few in frames.Chunk(30)) await fixture.AppendAsync(agent, few);
        await fixture.Writer.CatchUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => T0 + (i * 1000L)), fixture.Store.Frames.Select(static frame => frame.Entry.FirstMs));
    }

    [Fact]
    public async Task Write_SameEntriesTwiceAndInBothClasses_AreStoredOnce()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        byte[][] entries = [agent.EpochStart(T0), .. agent.Objects(T0), agent.Frame(T0), agent.Frame(T0 + 1000)];
        await fixture.WriteAsync(agent, entries);
        await fixture.WriteAsync(agent, entries);
        await fixture.WriteAsync(agent, entries, LogClass.Backfill);
        Assert.Equal(2, fixture.Store.Frames.Count);
        await fixture.RestartAsync();
        Assert.Equal(2, fixture.Store.Frames.Count);
        Assert.Equal(0, fixture.Writer.QuarantinedEntries);
    }

    [Fact]
    public async Task Write_SameNameOtherContent_IsQuarantinedOnceAndTheAgentToldToDrawANewEpoch()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, [.. agent.Objects(T0), agent.Frame(T0)]);
        await fixture.WriteAsync(agent, [agent.Frame(T0, seq: 3, shift: 7)]);
        Assert.Single(fixture.Store.Frames);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
        (AgentId told, Directive directive) = Assert.Single(fixture.Directives.Sent);
        Assert.Equal(agent.Id, told);
        Assert.Equal(agent.Epoch, directive.NewEpoch.Epoch);

        await fixture.RestartAsync();
        Assert.Equal(T0, Assert.Single(fixture.Store.Frames).Entry.FirstMs);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
    }

    [Fact]
    public async Task Restart_ConflictThatCameFirstInTheOtherClass_IsDecidedTheSame()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Objects(T0), LogClass.Live);
        await fixture.WriteAsync(agent, [agent.Frame(T0, seq: 3)], LogClass.Backfill);
        await fixture.WriteAsync(agent, [agent.Frame(T0, seq: 3, shift: 7)], LogClass.Live);
        ulong stored = Assert.Single(fixture.Store.Frames).Entry.ContentHash;
        // Read from the start, the live class comes first: without the quarantine's memory the other copy would win.
        await fixture.RestartAsync();
        Assert.Equal(stored, Assert.Single(fixture.Store.Frames).Entry.ContentHash);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
    }

    [Fact]
    public async Task Write_FrameBeforeItsObjects_WaitsAndIsStoredWhenTheyCome()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        IReadOnlyList<byte[]> objects = agent.Objects(T0);
        await fixture.WriteAsync(agent, [agent.Frame(T0)]);
        Assert.Empty(fixture.Store.Frames);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
        await fixture.WriteAsync(agent, objects);
        Assert.Single(fixture.Store.Frames);
        await fixture.RestartAsync();
        Assert.Single(fixture.Store.Frames);
    }

    [Theory]
    [InlineData(11 * 60_000, false)]
    [InlineData(9 * 60_000, true)]
    [InlineData(-16L * 86_400_000, false)]
    [InlineData(-14L * 86_400_000, true)]
    public async Task Write_TimeAgainstTheHorizon_IsJudgedByReceiveTime(long offsetMs, bool stored)
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(new Horizon());
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, [.. agent.Objects(T0), agent.Frame(T0 + offsetMs)], receivedMs: T0);
        Assert.Equal(stored ? 1 : 0, fixture.Store.Frames.Count);
        Assert.Equal(stored ? 0 : 1, fixture.Writer.QuarantinedEntries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_TombstoneAndTheFrameItNames_StoredWinsInEitherOrder(bool tombstoneFirst)
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Objects(T0));
        byte[] frame = agent.Frame(T0), tombstone = agent.Tombstone(3, 3, T0);
        foreach (byte[] entry in tombstoneFirst ? (byte[][])[tombstone, frame] : [frame, tombstone]) await fixture.WriteAsync(agent, [entry]);
        Assert.Single(fixture.Store.Frames);
        await fixture.WriteAsync(agent, [frame]);
        Assert.Single(fixture.Store.Frames);
    }

    [Fact]
    public async Task Advance_ToAnySegment_StartsThereWithTheSameMemory()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        int partition = agent.Id.Partition(fixture.Log.PartitionCount);
        byte[][] opening = [agent.EpochStart(T0), .. agent.Objects(T0)];
        byte[][] frames = [.. Enumerable.Range(0, 40).Select(i => agent.Frame(T0 + (i * 1000)))];
        await fixture.WriteAsync(agent, opening);
        foreach (byte[] frame in frames) await fixture.WriteAsync(agent, [frame]);
        IReadOnlyList<LogSegment> segments = fixture.Log.Partition(LogClass.Live, partition).Segments;
        Assert.True(segments.Count > 3, "the script must cross segments");
        await fixture.AdvanceAsync(partition, new LogPositions(segments[2].Start, 0));
        fixture.Log.Partition(LogClass.Live, partition).TruncateBefore(segments[2].Start);
        await fixture.RestartAsync();
        int left = fixture.Store.Frames.Count;
        Assert.InRange(left, 1, frames.Length - 1);
        Assert.Equal([(agent.Id, "test-1")], fixture.Store.Hosts);

        // Names from before the truncation are still known: nothing is stored twice, and no objects are needed anew.
        foreach (byte[] frame in frames) await fixture.WriteAsync(agent, [frame]);
        Assert.Equal(left, fixture.Store.Frames.Count);
        await fixture.WriteAsync(agent, [agent.Frame(T0 + 100_000)]);
        Assert.Equal(left + 1, fixture.Store.Frames.Count);
    }
}
