using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Tests.Uplinks;

public sealed class ResendQueueTests
{
    [Fact]
    public async Task Add_ManyLongDelays_HoldUpNoShortOneAndComeNoEarlierThanAsked()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(2);
        SpooledEntry soon = harness.Items()[^2].Entry, late = harness.Items()[^1].Entry;
        using var queue = new ResendQueue(harness.Store, harness.Time);
        // Of entries that are not there: each a delay of its own.
        for (int i = 0; i < 1000; i++) queue.Add(late.Epoch, 1000 + (ulong)i, 1000 + (ulong)i, TimeSpan.FromSeconds(300 + (i * 0.3)));
        queue.Add(late.Epoch, late.Seq, late.Seq, TimeSpan.FromSeconds(450));
        queue.Add(soon.Epoch, soon.Seq, soon.Seq, TimeSpan.FromSeconds(1));

        harness.Time.Advance(TimeSpan.FromSeconds(0.99));
        Assert.False(queue.TryPeek(out _));
        harness.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(queue.TryPeek(out SpooledEntry next));
        Assert.Equal(soon.Seq, next.Seq);
        queue.Take(next);
        harness.Time.Advance(TimeSpan.FromSeconds(448.7));
        Assert.False(queue.TryPeek(out _));
        harness.Time.Advance(TimeSpan.FromSeconds(450 / 8));
        Assert.True(queue.TryPeek(out next));
        Assert.Equal(late.Seq, next.Seq);
    }

    [Fact]
    public async Task TryPeek_EpochThatIsHeldUpHasGoneByAnotherWay_OffersThoseOfTheOthers()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        await harness.Store.DisposeAsync();
        await harness.OpenAsync();
        await harness.AppendFramesAsync(3);
        SpooledEntry old = harness.Items()[0].Entry, young = harness.Items()[^1].Entry;
        Assert.NotEqual(old.Epoch, young.Epoch);
        using var queue = new ResendQueue(harness.Store, harness.Time);
        queue.Add(old.Epoch, old.Seq, old.Seq, TimeSpan.Zero);
        harness.Files.BeforeRead = static (_, _, _) => throw new IOException("Input/output error", 5);
        Assert.False(queue.TryPeek(out _));
        harness.Files.BeforeRead = null;
        queue.Forget(old.Epoch, old.Seq);
        queue.Add(young.Epoch, young.Seq, young.Seq, TimeSpan.Zero);
        Assert.True(queue.TryPeek(out SpooledEntry next));
        Assert.Equal((young.Epoch, young.Seq), (next.Epoch, next.Seq));
    }
}
