using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Tests.Uplinks;

public sealed class ResendQueueTests
{
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
