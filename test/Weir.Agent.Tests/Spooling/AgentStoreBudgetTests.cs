using Weir.Agent.Spooling;
using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

public sealed class AgentStoreBudgetTests
{
    private const long Budget = 20_000;
    private const long Segment = 2_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budget_SettledSegments_GoWithoutAWord()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        for (int i = 0; i < 30; i++)
        {
            await harness.AppendFramesAsync(20);
            harness.SettleAll();
        }

        Assert.InRange(harness.Store.SizeBytes, 1, Budget + (2 * Segment));
        Assert.True(harness.Store.Start > 0);
        Assert.DoesNotContain(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone);
        Assert.Equal(0, harness.Store.UnsettledEntries);
    }

    [Fact]
    public async Task Budget_UnsettledSegments_LeaveTombstonesThatAccountForEverySample()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        var appended = new Dictionary<ulong, EntryHeader>();
        for (int i = 0; i < 40; i++)
        {
            await harness.AppendFramesAsync(10);
            foreach (SpooledItem item in harness.Items()) appended[item.Seq] = item.Header;
        }

        // A tombstone that another has carried on still stands there, given up like what has gone.
        SpooledItem[] items = [.. harness.Items().Where(item => !harness.Store.IsSettled(item.Epoch, item.Seq))];
        Tombstone[] tombstones = [.. items.Where(static item => item.Header.Kind == EntryKind.Tombstone).Select(static item => item.Tombstone)];
        Assert.InRange(harness.Store.SizeBytes, 1, Budget + (2 * Segment));
        Assert.NotEmpty(tombstones);
        Assert.All(tombstones, tombstone => Assert.Equal((harness.Store.CurrentEpoch, DropReason.SpoolBudget), (tombstone.Epoch, tombstone.Reason)));

        // What is held and what is declared lost is everything, each once.
        HashSet<ulong> held = [.. items.Select(static item => item.Seq)];
        HashSet<ulong> lost = [.. tombstones.SelectMany(SpooledItem.SeqsOf)];
        Assert.Empty(held.Intersect(lost));
        Assert.Equal(appended.Keys.Order(), held.Union(lost).Order());
        (long Samples, ulong Digest) expected = Sum(lost.Select(seq => appended[seq]).Where(static header => header.Kind == EntryKind.Samples)
            .Select(static header => new TombstoneWindow(0, header.SampleCount, header.Digest)));
        // A tombstone that went with its segment was carried on: no window is counted twice, none is missing.
        Assert.Equal(expected, Sum(tombstones.SelectMany(static tombstone => tombstone.Windows)));
        Assert.All(tombstones.SelectMany(static tombstone => tombstone.Windows), static window => Assert.Equal(0, window.WindowMs % 60_000));
    }

    [Fact]
    public async Task Budget_PartlySettledSegment_NamesExactlyTheRest()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        ulong epoch = harness.Store.CurrentEpoch;
        await harness.AppendFramesAsync(10);
        harness.Store.Settle(epoch, 1, 6);
        harness.Store.Settle(epoch, 8, 9);

        while (harness.Store.Start == 0) await harness.AppendFramesAsync(1);

        Tombstone[] tombstones = [.. harness.Items().Where(static item => item.Header.Kind == EntryKind.Tombstone).Select(static item => item.Tombstone)];
        Assert.Equal((7UL, 7UL), (tombstones[0].FirstSeq, tombstones[0].LastSeq));
        Assert.Equal(10UL, tombstones[1].FirstSeq);
        Assert.Equal(2, tombstones.Length);
    }

    [Fact]
    public async Task Budget_BlockThatDoesNotRead_IsDeclaredDamagedBeforeItsSegmentGoes()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        ulong epoch = harness.Store.CurrentEpoch;
        await harness.AppendFramesAsync(10);
        SpooledItem[] items = [.. harness.Items()];
        SpooledItem victim = items[6];
        Assert.Equal(0, harness.Store.SegmentOf(epoch, victim.Seq, victim.Seq));
        harness.Damage(items[5].Entry.Position + items[5].Entry.Length + 40);

        while (harness.Store.Start == 0) await harness.AppendFramesAsync(1);

        Tombstone[] tombstones = [.. harness.Items().Where(static item => item.Header.Kind == EntryKind.Tombstone).Select(static item => item.Tombstone)];
        Tombstone damaged = Assert.Single(tombstones, static tombstone => tombstone.Reason == DropReason.Damaged);
        Assert.Equal((epoch, victim.Seq, victim.Seq), (damaged.Epoch, damaged.FirstSeq, damaged.LastSeq));
        Assert.True(damaged.IsNamesOnly);
        ulong[] lost = [.. tombstones.SelectMany(SpooledItem.SeqsOf)];
        Assert.All(items.Where(item => harness.Store.SegmentOf(epoch, item.Seq, item.Seq) is null), item => Assert.Single(lost, item.Seq));
    }

    [Fact]
    public async Task Budget_TombstonesThatOthersInLaterSegmentsWouldJoin_AreJoinedWhenTheFirstGo()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(2 * Budget, Segment);
        ulong epoch = harness.Store.CurrentEpoch;
        await harness.AppendFramesAsync(60);
        SpooledItem[] frames = [.. harness.Items().Where(static item => item.Header.Kind == EntryKind.Samples)];
        // Every second, then those between: no two neighbours are declared in the same segment.
        foreach (SpooledItem frame in (SpooledItem[])[.. frames.Where(static frame => frame.Seq % 2 == 0), .. frames.Where(static frame => frame.Seq % 2 == 1)])
            await harness.Store.BuryAsync(frame.Entry, DropReason.ObjectsGone, Cancel);
        SpooledItem[] before = [.. harness.Items().Where(static item => item.Header.Kind == EntryKind.Tombstone)];
        long firstStart = harness.Store.SegmentOf(epoch, before[0].Seq, before[0].Seq)!.Value;
        Assert.True(firstStart < harness.Store.SegmentOf(epoch, before[^1].Seq, before[^1].Seq));

        while (harness.Store.Start <= firstStart) await harness.AppendFramesAsync(1);

        Assert.All(before, item => Assert.True(harness.Store.IsSettled(epoch, item.Seq)));
        SpooledItem[] tombstones = [.. harness.Items().Where(item => item.Header.Kind == EntryKind.Tombstone && !harness.Store.IsSettled(epoch, item.Seq))];
        Tombstone[] standing = [.. tombstones.Select(static item => item.Tombstone).Where(static tombstone => tombstone.Reason == DropReason.ObjectsGone)];
        Assert.InRange(standing.Length, 1, before.Length / 4);
        Assert.Equal(frames.Select(static frame => frame.Seq), standing.SelectMany(SpooledItem.SeqsOf).Order());
        Assert.Equal(Sum(frames.Select(static frame => new TombstoneWindow(0, frame.Header.SampleCount, frame.Header.Digest))), Sum(standing.SelectMany(static each => each.Windows)));
        // Those that were carried on are declared themselves.
        HashSet<ulong> lost = [.. tombstones.SelectMany(static item => SpooledItem.SeqsOf(item.Tombstone))];
        Assert.All(before, item => Assert.Contains(item.Seq, lost));
    }

    [Fact]
    public async Task Budget_EpochStartNotSettled_IsSaidAgain()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        SpooledItem first = harness.Items()[0];

        for (int i = 0; i < 10; i++) await harness.AppendFramesAsync(50);

        SpooledItem again = Assert.Single(harness.Items(), static item => item.IsEpochStart);
        Assert.NotEqual(1UL, again.Seq);
        Assert.Equal(first.Header.FirstMs, again.Header.FirstMs);
        Assert.Equal(first.Payload.ToArray(), again.Payload.ToArray());
    }

    [Fact]
    public async Task Budget_Restart_BuriedEntriesStaySettledAndAreNotBuriedTwice()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        for (int i = 0; i < 10; i++) await harness.AppendFramesAsync(50);
        ulong epoch = harness.Store.CurrentEpoch, oldest = harness.Store.OpenEpochs[0].OldestUnsettled;
        int tombstones = harness.Items().Count(static item => item.Header.Kind == EntryKind.Tombstone);

        await harness.CrashAsync();

        Assert.Equal((epoch, oldest), (harness.Store.OpenEpochs[0].Epoch, harness.Store.OpenEpochs[0].OldestUnsettled));
        Assert.Equal(tombstones, harness.Items().Count(static item => item.Header.Kind == EntryKind.Tombstone));
    }

    [Fact]
    public async Task Budget_EpochLeavesTheSpool_IsForgotten()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        await harness.AppendFramesAsync(5);
        await harness.RestartAsync();
        Assert.Equal(2, harness.Store.OpenEpochs.Count);

        harness.SettleAll();
        for (int i = 0; i < 10; i++)
        {
            await harness.AppendFramesAsync(50);
            harness.SettleAll();
        }

        Assert.Equal(harness.Store.CurrentEpoch, Assert.Single(harness.Store.OpenEpochs).Epoch);
    }

    [Fact]
    public async Task Unsettle_PartlyGone_GivesBackWhatIsHeld()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        for (int i = 0; i < 10; i++)
        {
            await harness.AppendFramesAsync(50);
            harness.SettleAll();
        }

        ulong first = harness.Items()[0].Seq, last = harness.Items()[^1].Seq;
        (Log.SeqSet held, ulong gone) = harness.Store.Unsettle(harness.Store.CurrentEpoch, [(first - 3, first + 4), (last, last + 2)]);

        Assert.Equal([(first, first + 4), (last, last)], held.Ranges);
        Assert.Equal(5UL, gone);
        Assert.Equal(first, harness.Store.OpenEpochs[0].OldestUnsettled);
    }

    private static (long Samples, ulong Digest) Sum(IEnumerable<TombstoneWindow> windows)
    {
        (long samples, ulong digest) = (0L, 0UL);
        foreach (TombstoneWindow window in windows) (samples, digest) = (samples + window.Samples, digest + window.Digest);
        return (samples, digest);
    }
}
