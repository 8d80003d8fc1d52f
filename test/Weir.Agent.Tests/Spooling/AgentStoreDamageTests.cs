using Weir.Agent.Spooling;
using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

public sealed class AgentStoreDamageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bury_Frame_TombstoneCarriesItsSamplesAndDigest()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(1, ticks: 3);
        SpooledItem frame = harness.Items()[^1];

        await harness.Store.BuryAsync(frame.Entry, DropReason.Rejected, Cancel);

        Tombstone tombstone = harness.Items()[^1].Tombstone;
        Assert.Equal((frame.Epoch, frame.Seq, frame.Seq, DropReason.Rejected), (tombstone.Epoch, tombstone.FirstSeq, tombstone.LastSeq, tombstone.Reason));
        Assert.Equal([new TombstoneWindow(frame.Header.FirstMs / 60_000 * 60_000, 12, frame.Header.Digest)], tombstone.Windows);
        Assert.True(harness.Store.IsSettled(frame.Epoch, frame.Seq));
    }

    [Fact]
    public async Task Bury_SettledEntry_SaysNothing()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(1);
        SpooledItem frame = harness.Items()[^1];
        harness.SettleAll();

        await harness.Store.BuryAsync(frame.Entry, DropReason.Damaged, Cancel);

        Assert.Equal(frame.Seq, harness.Items()[^1].Seq);
    }

    [Fact]
    public async Task Bury_Object_ComesAgainWithTheNextFrame()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(1);
        SpooledItem schema = harness.Items().Single(static item => item.Entry.NeedsObjects);

        await harness.Store.BuryAsync(schema.Entry, DropReason.Damaged, Cancel);
        Assert.Empty(harness.Store.CopiesOf(harness.Schema.Id.Short));
        await harness.AppendFramesAsync(1);

        SpooledEntry copy = Assert.Single(harness.Store.CopiesOf(harness.Schema.Id.Short));
        Assert.True(copy.Seq > schema.Seq);
    }

    [Fact]
    public async Task TryRead_BytesBroken_IsDamagedAndUnlinkedIsGone()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(20_000, 2_000);
        await harness.AppendFramesAsync(3);
        SpooledEntry frame = harness.Items()[^1].Entry;
        var bytes = new byte[frame.Length];
        Assert.Equal(SpoolRead.Whole, harness.Store.TryRead(frame, bytes));

        harness.Damage(harness.Items()[^1]);
        Assert.Equal(SpoolRead.Damaged, harness.Store.TryRead(frame, bytes));

        while (harness.Store.Start <= frame.Position)
        {
            await harness.AppendFramesAsync(10);
            harness.SettleAll();
        }

        Assert.Equal(SpoolRead.Gone, harness.Store.TryRead(frame, bytes));
    }

    [Fact]
    public async Task Restart_BlockBroken_ItsSeqIsDeclaredDamagedOnce()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(8);
        ulong epoch = harness.Store.CurrentEpoch;
        SpooledItem victim = harness.Items()[6];
        long indexAt = harness.Items()[5].Entry.Position + harness.Items()[5].Entry.Length + 40;
        await harness.Store.DisposeAsync();
        harness.Damage(indexAt);

        await harness.OpenAsync();

        Assert.DoesNotContain(harness.Items(), item => item.Epoch == epoch && item.Seq == victim.Seq);
        Tombstone tombstone = Assert.Single(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone).Tombstone;
        Assert.Equal((epoch, victim.Seq, victim.Seq, DropReason.Damaged), (tombstone.Epoch, tombstone.FirstSeq, tombstone.LastSeq, tombstone.Reason));
        Assert.Empty(tombstone.Windows);

        await harness.CrashAsync();
        Assert.Single(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone);
    }

    [Fact]
    public async Task Restart_LastEntryOfAnEpochBroken_TheNextEpochsStartTells()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        ulong epoch = harness.Store.CurrentEpoch;
        SpooledItem[] items = [.. harness.Items()];
        await harness.RestartAsync();
        await harness.AppendFramesAsync(3);
        await harness.Store.DisposeAsync();
        harness.Damage(items[^2].Entry.Position + items[^2].Entry.Length + 40);

        await harness.OpenAsync();

        Tombstone tombstone = Assert.Single(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone).Tombstone;
        Assert.Equal((epoch, items[^1].Seq, items[^1].Seq), (tombstone.Epoch, tombstone.FirstSeq, tombstone.LastSeq));
    }

    [Fact]
    public async Task Restart_BrokenEntryThatTheGatewayHas_SaysNothing()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(8);
        harness.SettleAll();
        long indexAt = harness.Items()[5].Entry.Position + harness.Items()[5].Entry.Length + 40;
        await harness.Store.DisposeAsync();
        harness.Damage(indexAt);

        await harness.OpenAsync();

        Assert.DoesNotContain(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone);
    }
}
