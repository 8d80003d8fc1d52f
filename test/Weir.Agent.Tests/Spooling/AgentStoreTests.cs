using Weir.Agent.Spooling;
using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

public sealed class AgentStoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_EmptyDirectory_BeginsAnEpochThatNamesTheHost()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();

        SpooledItem item = Assert.Single(harness.Items());

        Assert.True(item.IsEpochStart);
        Assert.Equal((1UL, 1U, harness.NowMs), (item.Seq, item.Entry.StartNumber, item.Header.FirstMs));
        Assert.Equal((0UL, 0UL, 0L), (item.EpochStart.PreviousEpoch, item.EpochStart.PreviousLastSeq, item.EpochStart.PreviousLastTickMs));
        Assert.Equal(
            [new SeriesAttribute("host.name", "alpha"), new SeriesAttribute("host.id", harness.Store.AgentId.ToString())],
            item.EpochStart.HostAttributes);
    }

    [Fact]
    public async Task Append_EntriesOfAllKinds_SeqsAreGapFreeAndObjectsStandAhead()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();

        await harness.AppendFramesAsync(2, ticks: 3);
        await harness.Store.AppendDeclarationAsync(harness.NowMs, TestSeries.Declaration(), Cancel);

        List<SpooledItem> items = harness.Items();
        Assert.Equal([1UL, 2, 3, 4, 5, 6], items.Select(static item => item.Seq));
        Assert.Equal(
            [EntryKind.Declaration, EntryKind.Object, EntryKind.Object, EntryKind.Samples, EntryKind.Samples, EntryKind.Declaration],
            items.Select(static item => item.Header.Kind));
        Assert.Equal([(byte)ObjectKind.Template, (byte)ObjectKind.Schema], items.Skip(1).Take(2).Select(static item => item.Header.Form));
        Assert.Equal(harness.Schema.Id.Short, items[3].Header.ObjectId);
        Assert.All(items, item => Assert.Equal(harness.Store.CurrentEpoch, item.Epoch));
    }

    [Fact]
    public async Task AppendFrame_SpooledBytes_DecodeToTheTicks()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        FrameBuilder builder = TestSeries.Frame(harness.Schema, harness.NowMs, 4, 2.5);
        ulong digest = builder.Digest;

        await harness.Store.AppendFrameAsync(builder, 9, Cancel);

        SpooledItem frame = harness.Items()[^1];
        Assert.Equal((4, 4, 9U, digest), (frame.Header.Ticks, frame.Header.Series, frame.Header.ClockGeneration, frame.Header.Digest));
        Assert.Equal(EntryError.None, EntryHeader.TryRead(frame.Bytes, out _));
    }

    [Fact]
    public async Task AppendSchema_Twice_SpooledOnce()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();

        await harness.Store.AppendSchemaAsync(harness.Schema, Cancel);
        await harness.Store.AppendSchemaAsync(harness.Schema, Cancel);

        Assert.Equal(2, harness.Items().Count(static item => item.Header.Kind == EntryKind.Object));
    }

    [Fact]
    public async Task AppendFrame_SegmentRolls_ObjectsStandAheadInEachSegment()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: 2000);

        await harness.AppendFramesAsync(60);

        List<SpooledItem> items = harness.Items();
        long[] starts = Segments(harness.Store);
        Assert.True(starts.Length > 3, $"only {starts.Length} segments");
        for (int i = 1; i < starts.Length; i++)
        {
            SpooledItem[] inside = [.. items.Where(item => item.Entry.Position > starts[i] && (i + 1 == starts.Length || item.Entry.Position < starts[i + 1]))];
            int firstFrame = Array.FindIndex(inside, static item => item.Header.Kind == EntryKind.Samples);
            Assert.True(firstFrame != 0, $"segment {i} begins with a frame");
            if (firstFrame > 0) Assert.Contains(inside.Take(firstFrame), item => item.Header.ObjectId == harness.Schema.Id.Short && item.Entry.NeedsObjects);
        }

        Assert.Equal(Enumerable.Range(1, items.Count).Select(static i => (ulong)i), items.Select(static item => item.Seq));
    }

    [Fact]
    public async Task AppendFrame_FromManyThreads_OrderInTheLogIsTheOrderOfSeqsAndEachFrameIsWhole()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        Schema[] schemas = [.. Enumerable.Range(0, 4).Select(static i => TestSeries.Schema($"test.s{i}", 2 + (50 * i)))];
        var digests = new System.Collections.Concurrent.ConcurrentBag<ulong>();

        await Task.WhenAll(schemas.Select(schema => Task.Run(async () =>
        {
            for (int i = 0; i < 25; i++)
            {
                // Whole frames and ones cut short.
                FrameBuilder frame = TestSeries.Frame(schema, harness.NowMs + (i * 1000), 1, i, most: 1 + (i % 3));
                digests.Add(frame.Digest);
                await harness.Store.AppendFrameAsync(frame, 0, Cancel);
            }
        })));

        List<SpooledItem> items = harness.Items();
        Assert.Equal(Enumerable.Range(1, 1 + 8 + 100).Select(static i => (ulong)i), items.Select(static item => item.Seq));
        using var decoder = new FrameDecoder();
        var decoded = new DecodedFrame();
        List<SpooledItem> frames = items.FindAll(static item => item.Header.Kind == EntryKind.Samples);
        foreach (SpooledItem item in frames)
        {
            Schema schema = Array.Find(schemas, schema => schema.Id.Short == item.Header.ObjectId)!;
            Assert.Equal(EntryError.None, EntryHeader.TryRead(item.Bytes, out EntryHeader header));
            Assert.Equal(EntryError.None, decoder.Decode(item.Bytes, header, schema, baseline: null, decoded));
        }

        Assert.Equal(digests.Order(), frames.Select(static item => item.Header.Digest).Order());
    }

    [Fact]
    public async Task AppendFrame_CancelledBefore_TakesNoSeq()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        FrameBuilder frame = TestSeries.Frame(harness.Schema, harness.NowMs);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.Store.AppendFrameAsync(frame, 0, new CancellationToken(canceled: true)).AsTask());
        await harness.AppendFramesAsync(1);

        List<SpooledItem> items = harness.Items();
        Assert.Equal(4, items.Count);
        Assert.Equal(4UL, items[^1].Seq);
    }

    [Fact]
    public async Task AppendFrame_DiskFull_RefusesAndGoesOnWithTheSameSeqOnceThereIsRoom()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(1);

        harness.Files.FreeBytes = 10;
        await Assert.ThrowsAnyAsync<IOException>(() => harness.AppendFramesAsync(1));
        harness.Files.FreeBytes = null;
        await harness.AppendFramesAsync(1);

        List<SpooledItem> items = harness.Items();
        Assert.Equal(Enumerable.Range(1, items.Count).Select(static i => (ulong)i), items.Select(static item => item.Seq));
        Assert.Equal(2, items.Count(static item => item.Header.Kind == EntryKind.Samples));
    }

    [Fact]
    public async Task StartEpoch_InPlace_NewNamesBehindOldOnesAndObjectsAgain()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(2);
        ulong before = harness.Store.CurrentEpoch;
        long lastTick = harness.NowMs - 1000;

        await harness.Store.StartEpochAsync(Cancel);
        await harness.AppendFramesAsync(1);

        SpooledItem[] items = [.. harness.Items().Where(item => item.Epoch != before)];
        Assert.Equal([1UL, 2, 3, 4], items.Select(static item => item.Seq));
        Assert.All(items, static item => Assert.Equal(2U, item.Entry.StartNumber));
        EpochStart start = items[0].EpochStart;
        Assert.Equal((before, 5UL, lastTick), (start.PreviousEpoch, start.PreviousLastSeq, start.PreviousLastTickMs));
        Assert.Equal(EntryKind.Samples, items[3].Header.Kind);
        Assert.Equal([before, harness.Store.CurrentEpoch], harness.Store.OpenEpochs.Select(static epoch => epoch.Epoch));
    }

    [Fact]
    public async Task FirstSince_ManySegments_FindsTheFirstYoungEntry()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: 2000);
        await harness.AppendFramesAsync(60);
        List<SpooledItem> items = harness.Items();

        foreach (int age in (int[])[0, 1, 7, 30, 59])
        {
            long since = harness.NowMs - (age * 1000);
            SpooledItem? first = items.FirstOrDefault(item => item.Entry.NewestMs >= since);
            Assert.Equal(first?.Entry.Position ?? harness.Store.End, harness.Store.FirstSince(since));
        }

        Assert.Equal(items[0].Entry.Position, harness.Store.FirstSince(0));
        Assert.Equal(harness.Store.End, harness.Store.FirstSince(long.MaxValue));
    }

    private static long[] Segments(AgentStore store)
    {
        var starts = new HashSet<long>();
        foreach (SpooledItem item in SpooledItem.ReadAll(store)) starts.Add(store.SegmentOf(item.Epoch, item.Seq, item.Seq)!.Value);
        return [.. starts.Order()];
    }
}
