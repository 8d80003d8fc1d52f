using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

/// <summary>A disk that others fill, or that fails for a while.</summary>
public sealed class AgentStoreRoomTests
{
    private const long Segment = 2_000;

    [Fact]
    public async Task DiskFull_SettledSegmentsGoFirstAndUnsettledOnesNever()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        await harness.AppendFramesAsync(60);
        harness.Store.Settle(harness.Store.CurrentEpoch, 1, 40);
        long start = harness.Store.Start;
        harness.Files.FreeBytes = 0;

        int spooled = 0;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (; spooled < 1000; spooled++) await harness.AppendFramesAsync(1);
        });

        Assert.True(spooled > 0, "no settled segment made room");
        Assert.True(harness.Store.Start > start);
        Assert.Equal(0, harness.Store.ReserveBytes);
        List<SpooledItem> items = harness.Items();
        Assert.Equal(41UL, harness.Store.OpenEpochs[0].OldestUnsettled);
        Assert.Contains(items, static item => item.Seq == 41);
        Assert.DoesNotContain(items, static item => item.Header.Kind == EntryKind.Tombstone);

        // Acks and state are written all the same; reading goes on.
        harness.Store.Settle(harness.Store.CurrentEpoch, 41, 43);
        harness.Store.SaveAcks();
        await harness.Store.NextClockGenerationAsync(TestContext.Current.CancellationToken);

        harness.Files.FreeBytes = null;
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.AppendFramesAsync(2);
        Assert.Equal(StoreHarness.ReserveBytes, harness.Store.ReserveBytes);
        await harness.CrashAsync();
        Assert.Equal((44UL, 1U), (harness.Store.OpenEpochs[0].OldestUnsettled, harness.Store.ClockGeneration));
        Gapless(harness.Items());
    }

    [Fact]
    public async Task DiskFull_TheAgentStartsAllTheSameAndBeginsToSpoolWhenThereIsRoom()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        await harness.AppendFramesAsync(10);
        harness.Files.FreeBytes = 0;

        await harness.RestartAsync();

        Assert.True(harness.Items()[^1].IsEpochStart);
        await Assert.ThrowsAnyAsync<IOException>(() => harness.AppendFramesAsync(1));
        harness.Files.FreeBytes = null;
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.AppendFramesAsync(1);
        Assert.Equal(2, harness.Segments()[^1].Frames + harness.Segments()[^2].Frames - 9);
    }

    [Fact]
    public async Task DiskFull_BudgetExceeded_TombstonesHaveTheirRoom()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(20_000, Segment);
        while (harness.Store.SizeBytes < 19_000) await harness.AppendFramesAsync(1);
        harness.Files.FreeBytes = 0;
        for (int i = 0; i < 20; i++)
        {
            try
            {
                await harness.AppendFramesAsync(5);
            }
            catch (IOException)
            {
                harness.Time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        // The budget is not reached any more, for nothing is taken in; what was given up before is declared.
        harness.Files.FreeBytes = null;
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.AppendFramesAsync(1);
        Declared(harness.Items());
    }

    [Fact]
    public async Task FlushFails_TheFrameIsRefusedAndTheNextBeginsASegmentThatDecodesAlone()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);

        harness.Files.FailNextFlush = true;
        await Assert.ThrowsAnyAsync<IOException>(() => harness.AppendFramesAsync(1));
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.AppendFramesAsync(3);

        Assert.Equal([3, 3], harness.Segments().Select(static segment => segment.Frames));
        Gapless(harness.Items());
        await harness.CrashAsync();
        Gapless(harness.Items());
    }

    private static void Gapless(List<SpooledItem> items)
    {
        foreach (IGrouping<ulong, SpooledItem> epoch in items.GroupBy(static item => item.Epoch))
            Assert.Equal(Enumerable.Range(0, epoch.Count()).Select(i => epoch.First().Seq + (ulong)i), epoch.Select(static item => item.Seq));
    }

    private static void Declared(List<SpooledItem> items)
    {
        HashSet<ulong> known = [.. items.Select(static item => item.Seq)];
        foreach (SpooledItem item in items.Where(static item => item.Header.Kind == EntryKind.Tombstone))
            for (ulong seq = item.Tombstone.FirstSeq; seq <= item.Tombstone.LastSeq; seq++) known.Add(seq);
        Assert.Equal(Enumerable.Range(1, known.Count).Select(static i => (ulong)i), known.Order());
    }
}
