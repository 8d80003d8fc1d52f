using Weir.Agent.Collection;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

public sealed class CollectorSlotTests
{
    private readonly SteppedTime _time = new(DateTimeOffset.FromUnixTimeMilliseconds(EngineHarness.Start));

    private static bool Run(CollectorSlot slot)
    {
        if (slot.Paused is not null || !slot.TryQueue(EngineHarness.Start)) return false;
        Assert.True(slot.TryBegin());
        slot.Run(static (_, _) => { });
        return true;
    }

    [Fact]
    public void TryQueue_WhileQueuedOrRunning_IsRefused()
    {
        using var collector = new FakeCollector("cpu", "0");
        var slot = new CollectorSlot(collector, _time);
        Assert.True(slot.TryQueue(1));
        Assert.False(slot.TryQueue(2));
        Assert.True(slot.TryBegin());
        Assert.False(slot.TryUnqueue());
        Assert.False(slot.TryQueue(3));
        slot.Run(static (_, _) => { });
        Assert.Equal((SlotState.Done, 1L, 1L), (slot.State, slot.TickMs, slot.Runs));
        Assert.True(slot.TryQueue(4));
    }

    [Fact]
    public void Run_FailsFiveTimesInARow_IsPausedEverLongerAndComesBackByItself()
    {
        using var collector = new FakeCollector("cpu", "0") { Throws = new UnauthorizedAccessException("no") };
        var slot = new CollectorSlot(collector, _time);
        var ran = new List<int>();
        for (int second = 0; second < 400; second++)
        {
            if (Run(slot)) ran.Add(second);
            else Assert.Equal(FailureReason.AccessDenied, slot.Paused);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67, 127, 187, 247, 307, 367], ran);
        collector.Throws = null;
        for (int second = 0; second < 30; second++)
        {
            Run(slot);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((0, null, null), (slot.FailedRuns, slot.Failure, slot.Paused));
        long runs = slot.Runs;
        Assert.True(Run(slot) && slot.Runs == runs + 1);
    }

    [Fact]
    public void Run_ThatWasMarkedStuck_CountsAsFailedAndLeavesTheSlotFree()
    {
        using var collector = new FakeCollector("cpu", "0");
        var slot = new CollectorSlot(collector, _time);
        for (int run = 1; run <= CollectorSlot.FailuresBeforePause; run++)
        {
            slot.TryQueue(run);
            slot.TryBegin();
            Assert.True(slot.TryMarkStuck());
            slot.Run(static (_, _) => { });
            Assert.Equal((SlotState.Idle, FailureReason.Stuck, run), (slot.State, slot.Failure, slot.FailedRuns));
        }

        Assert.Equal(FailureReason.Stuck, slot.Paused);
    }

    [Fact]
    public void Dispose_WhileItRuns_LetsGoOnceItReturns()
    {
        using var collector = new FakeCollector("cpu", "0");
        var slot = new CollectorSlot(collector, _time);
        slot.TryQueue(1);
        slot.TryBegin();
        slot.Dispose();
        Assert.False(collector.IsDisposed);
        slot.Run(static (_, _) => { });
        Assert.True(collector.IsDisposed);
    }

    [Fact]
    public void Dispose_WhileItWaits_LetsGoAtOnce()
    {
        using var collector = new FakeCollector("cpu", "0");
        var slot = new CollectorSlot(collector, _time);
        slot.TryQueue(1);
        slot.Dispose();
        Assert.True(collector.IsDisposed);
        Assert.False(slot.TryBegin());
    }

    [Fact]
    public void Run_CollectorAllocates_ItIsCounted()
    {
        using var collector = new FakeCollector("cpu", "0") { Throws = new IOException("gone") };
        var slot = new CollectorSlot(collector, _time);
        Run(slot);
        Assert.True(slot.AllocatedBytes > 0);
    }
}
