using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Frames;
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
    public async Task Write_OtherSchemasComeAndGo_FramesOfASteadyGroupAreStored()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var steady = new TestAgent(1);
        await fixture.WriteAsync(steady, steady.Objects(T0));
        await fixture.WriteAsync(steady, [steady.NewBaseline(T0)]);
        int frames = 0;
        for (int i = 0; i < 2 * ObjectTable.MaxSchemas; i++)
        {
            // Another group of the same agent gets a new process.
            var churning = new TestAgent(1, series: 4 + i, epoch: 1000 + (ulong)i);
            await fixture.WriteAsync(churning, churning.Objects(T0 + (i * 1000)));
            if (i % 60 != 59) continue;
            await fixture.WriteAsync(steady, [steady.Frame(T0 + (i * 1000))]);
            frames++;
        }

        Assert.Equal(frames, fixture.Store.Frames.Count(frame => frame.Record.Epoch == steady.Epoch));
    }

    [Fact]
    public async Task Restart_ClassesInterleaveInAnotherWay_TheSameIsStored()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Objects(T0), LogClass.Backfill);
        for (int i = 0; i < 300; i++) await fixture.WriteAsync(agent, [agent.Frame(T0 + (i * 1000))], LogClass.Backfill);
        for (int i = 0; i < 2 * ObjectTable.MaxSchemas; i++)
        {
            var churning = new TestAgent(1, series: 4 + i, epoch: 1000 + (ulong)i);
            await fixture.WriteAsync(churning, churning.Objects(T0 + (i * 1000)));
        }

        Assert.Equal(300, fixture.Store.Frames.Count);
        await fixture.RestartAsync();
        Assert.Equal(300, fixture.Store.Frames.Count);
    }

    [Fact]
    public async Task Restart_BehindASnapshot_KeepsTheObjectsThatWereUsedLast()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var steady = new TestAgent(1);
        await fixture.WriteAsync(steady, steady.Objects(T0));
        await WriteOthersAsync(fixture, 4, ObjectTable.MaxSchemas - 1);
        await fixture.WriteAsync(steady, [steady.Frame(T0)]);
        int partition = steady.Id.Partition(fixture.Log.PartitionCount);
        await fixture.AdvanceAsync(partition, new LogPositions(fixture.Log.Partition(LogClass.Live, partition).DurableEnd, 0));
        await fixture.RestartAsync();
        // One more pushes out the schema that was used longest ago, which is not the steady one.
        await WriteOthersAsync(fixture, 1000, 100);
        await fixture.WriteAsync(steady, [steady.Frame(T0 + 1000)]);
        Assert.Single(fixture.Store.Frames);
    }

    private static async Task WriteOthersAsync(WriterFixture fixture, int firstSeries, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var other = new TestAgent(1, series: firstSeries + i, epoch: 1000 + (ulong)(firstSeries + i));
            await fixture.WriteAsync(other, other.Objects(T0));
        }
    }

    [Fact]
    public async Task Restart_AnotherHorizon_WhatIsInQuarantineStaysThere()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(new Horizon());
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, [.. agent.Objects(T0), agent.Frame(T0 + 86_400_000)], receivedMs: T0);
        Assert.Empty(fixture.Store.Frames);
        fixture.Horizon = new Horizon { Ahead = null, Back = null };
        await fixture.RestartAsync();
        Assert.Empty(fixture.Store.Frames);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
        await fixture.WriteAsync(agent, [agent.Frame(T0 + 86_401_000)], receivedMs: T0);
        Assert.Single(fixture.Store.Frames);
    }

    [Fact]
    public async Task Snapshot_BaselineThatFitsAnEntryOnlyAsADifference_IsReadAgain()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1, series: 100_000);
        Baseline first = Noisy(agent, moving: 50_000), second = Noisy(agent, moving: 100_000);
        byte[] whole = ObjectCodec.Pack(first.Canonical.Span), difference = ObjectCodec.Pack(second.Canonical.Span, first.Id.Short, first.Canonical.Span);
        Assert.InRange(whole.Length, 1, FrameLimits.MaxEntryBytes - 100);
        Assert.InRange(difference.Length, 1, FrameLimits.MaxEntryBytes - 100);
        Assert.True(ObjectCodec.Pack(second.Canonical.Span).Length > FrameLimits.MaxEntryBytes);
        foreach (byte[] entry in agent.Objects(T0)) await fixture.WriteAsync(agent, [entry]);
        await fixture.WriteAsync(agent, [BaselineEntry(first, whole, 3)]);
        await fixture.WriteAsync(agent, [BaselineEntry(second, difference, 4)]);
        int partition = agent.Id.Partition(fixture.Log.PartitionCount);
        await fixture.AdvanceAsync(partition, new LogPositions(fixture.Log.Partition(LogClass.Live, partition).DurableEnd, 0));
        await fixture.RestartAsync();
    }

    private static byte[] BaselineEntry(Baseline baseline, byte[] payload, ulong seq) => new EntryWriter().Write(
        new EntryHeader { Kind = EntryKind.Object, Form = (byte)ObjectKind.Baseline, Seq = seq, ObjectId = baseline.Id.Short, FirstMs = T0 }, payload).ToArray();

    // The first so many series are noise.
    private static Baseline Noisy(TestAgent agent, int moving)
    {
        int series = agent.Schema.SeriesCount;
        var history = new ProfileHistory(agent.Schema, 1000);
        var random = new Random(1);
        byte[] present = [.. Enumerable.Repeat((byte)1, series)];
        var noise = new double[2 * series];
        for (int i = 0; i < noise.Length; i += 2)
        {
            long bits = random.NextInt64(1L << 60, 1L << 62);
            (noise[i], noise[i + 1]) = (BitConverter.Int64BitsToDouble(bits), BitConverter.Int64BitsToDouble(bits + random.NextInt64(1L << 52)));
        }

        for (int t = 0; t < 2; t++)
            history.Add(T0 - 2000 + (t * 1000), [.. Enumerable.Range(0, series).Select(s => s < moving ? noise[(2 * s) + t] : 0)], present);
        return history.MakeBaseline();
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
        var time = new FakeTimeProvider();
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: time);
        var agent = new TestAgent(1);
        byte[] early = agent.Frame(T0);
        agent.NewBaseline(T0);
        await fixture.AppendAsync(agent, [.. agent.Objects(T0), early, agent.Frame(T0 + 1000)]);
        fixture.Files.FreeBytes = 0;
        await Assert.ThrowsAsync<LogException>(() => fixture.Writer.CatchUpAsync(TestContext.Current.CancellationToken));
        Assert.Single(fixture.Store.Frames);
        fixture.Files.FreeBytes = null;
        // A new file is tried once a second at most.
        time.Advance(TimeSpan.FromSeconds(1));
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
    public async Task Write_SpoolRestoredFromACopy_ItsEntriesAreDuplicatesAndItsNewEpochIsStored()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        byte[][] entries = [agent.EpochStart(T0), .. agent.Objects(T0), .. Enumerable.Range(0, 300).Select(i => agent.Frame(T0 + (i * 1000)))];
        foreach (byte[][] few in entries.Chunk(20)) await fixture.WriteAsync(agent, few);
        // The copy was made half way, with acks older still; the agent goes on from it in an epoch of the start number that it has had already.
        foreach (byte[][] few in entries.Skip(20).Take(150).Chunk(20)) await fixture.WriteAsync(agent, few);
        var restored = new TestAgent(1, epoch: 99);
        await fixture.WriteAsync(restored, [restored.EpochStart(T0 + 400_000), .. restored.Objects(T0), restored.Frame(T0 + 400_000)]);
        Assert.Equal(301, fixture.Store.Frames.Count);
        Assert.Equal((0, 0), (fixture.Writer.QuarantinedEntries, fixture.Directives.Sent.Count));
        await fixture.RestartAsync();
        Assert.Equal(301, fixture.Store.Frames.Count);
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
