using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

/// <summary>An append that does not come back: neither ticks nor the uplink wait for it.</summary>
public sealed class SlowDiskTests
{
    [Fact]
    public async Task A_flush_that_takes_for_ever_delays_neither_ticks_nor_sending()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(5);
        using var stuck = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        harness.Files.BeforeWrite = _ =>
        {
            begun.Set();
            stuck.Wait(TestContext.Current.CancellationToken);
        };
        Task append = harness.AppendFramesAsync(1);
        Assert.True(begun.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));

        // What the engine does with a tick: it hands over and goes on, until the queue is full and the rest is declared as dropped.
        using var metrics = new AgentMetrics();
        var queue = new SpoolQueue(harness.Store, new DeliverySignals(harness.Time), metrics, NullLogger.Instance);
        Task spooling = queue.RunAsync();
        int posted = 0;
        while (queue.TryPostWindow(new WindowAccount(harness.NowMs))) posted++;
        Assert.InRange(posted, SpoolQueue.Limit, SpoolQueue.Limit + 1);

        // What the uplink does: it finds what is durable, reads it, takes answers.
        using var cursor = new SpoolCursor(harness.Store, harness.Store.FirstUnsettledPosition(), long.MaxValue);
        int read = 0;
        while (cursor.TryPeek(out SpooledEntry entry))
        {
            Assert.Equal(SpoolRead.Whole, harness.Store.TryRead(entry, new byte[entry.Length]));
            harness.Store.Settle(entry.Epoch, entry.Seq, entry.Seq);
            cursor.Skip();
            read++;
        }

        Assert.Equal(1 + 2 + 5, read);
        Assert.Equal(0, harness.Store.UnsettledEntries);
        Assert.NotEmpty(harness.Store.OpenEpochs);
        Assert.False(append.IsCompleted);

        harness.Files.BeforeWrite = null;
        stuck.Set();
        await append;
        queue.Complete();
        await spooling;
        Assert.Equal(posted, harness.Items().Count(static item => item.Header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.Window }));
    }
}
