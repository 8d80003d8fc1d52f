using Weir.Agent.Spooling;
using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

/// <summary>A spool of which the disk does not give a part at the moment: nothing is declared lost for that.</summary>
public sealed class AgentStoreReadFailureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryRead_NotGiven_IsNotDamagedBeforeItHasFailedSeveralTimesAtIntervals()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        SpooledEntry frame = harness.Items()[^1].Entry;
        var bytes = new byte[frame.Length];
        harness.Files.BeforeRead = static (_, _, _) => throw new IOException("Input/output error", 5);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(SpoolRead.NotNow, harness.Store.TryRead(frame, bytes));
            Assert.Equal(SpoolRead.NotNow, harness.Store.TryRead(frame, bytes));
            harness.Time.Advance(TimeSpan.FromSeconds(8));
        }

        Assert.Equal(SpoolRead.Damaged, harness.Store.TryRead(frame, bytes));
        harness.Files.BeforeRead = null;
        Assert.Equal(SpoolRead.Whole, harness.Store.TryRead(frame, bytes));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(int.MaxValue, true)]
    public async Task Restart_PageNotGiven_WhatStandsInItIsDeclaredOnlyWhereItIsNeverGiven(int failures, bool isDeclared)
    {
        const int Page = 4096;
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(80);
        List<SpooledItem> before = harness.Items();
        Assert.True(before[^1].Entry.Position > 3 * Page);
        await harness.Store.DisposeAsync();
        int left = failures;
        harness.Files.BeforeRead = (path, offset, length) =>
        {
            if (path.EndsWith("/00000000000000000000.seg", StringComparison.Ordinal) && offset < 2 * Page && offset + length > Page && left-- > 0) throw new IOException("Input/output error", 5);
        };
        Task opening = harness.OpenAsync();
        while (!opening.IsCompleted)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await opening;
        Assert.True(left < failures);
        List<SpooledItem> after = harness.Items();
        Tombstone[] tombstones = [.. after.Where(static item => item.Header.Kind == EntryKind.Tombstone).Select(static item => item.Tombstone)];
        Assert.Equal(isDeclared, tombstones.Length > 0);
        Assert.All(tombstones, static tombstone => Assert.Equal(DropReason.Damaged, tombstone.Reason));
        Assert.All(before, item => Assert.NotEqual(
            after.Exists(held => held.Epoch == item.Epoch && held.Seq == item.Seq), tombstones.Any(lost => lost.Epoch == item.Epoch && lost.FirstSeq <= item.Seq && item.Seq <= lost.LastSeq)));
    }

    [Fact]
    public async Task Append_OldestSegmentOverTheBudgetNotGiven_GoesOnAndDeclaresItWhenTheDiskGivesIt()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(20_000, 2_000);
        while (harness.Store.SizeBytes < 19_000) await harness.AppendFramesAsync(1);
        long start = harness.Store.Start;
        bool isGiven = false;
        harness.Files.BeforeRead = (path, _, _) =>
        {
            if (!isGiven && path.EndsWith($"{start:D20}.seg", StringComparison.Ordinal)) throw new IOException("Input/output error", 5);
        };
        for (int i = 0; i < 40; i++) await AppendFrameAsync(harness, i);
        Assert.Equal(start, harness.Store.Start);
        Assert.True(harness.Store.SizeBytes > 20_000);

        isGiven = true;
        await AppendFrameAsync(harness, 40);
        Assert.True(harness.Store.Start > start);
        Assert.True(harness.Store.SizeBytes <= 20_000);
        Assert.All(harness.Items().Where(static item => item.Header.Kind == EntryKind.Tombstone), static item => Assert.Equal(DropReason.SpoolBudget, item.Tombstone.Reason));
    }

    // Time stands still, so that no attempt makes damage of it.
    private static async Task AppendFrameAsync(StoreHarness harness, int seed)
    {
        FrameBuilder frame = TestSeries.Frame(harness.Schema, harness.NowMs, 1, seed);
        await harness.Store.AppendFrameAsync(frame, harness.Store.ClockGeneration, Cancel);
    }
}
