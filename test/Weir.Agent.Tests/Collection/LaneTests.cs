using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;

namespace Weir.Agent.Tests.Collection;

/// <summary>Real threads, collectors that hang until the test lets them go, and a clock that the test moves.</summary>
public sealed class LaneTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SteppedTime _time = new(DateTimeOffset.FromUnixTimeMilliseconds(EngineHarness.Start));
    private readonly AgentMetrics _metrics = new();
    // Never disposed: a thread that a lane has given up may return after the test.
    private readonly SemaphoreSlim _completed = new(0);
    private readonly List<FakeCollector> _collectors = [];
    private Lane? _lane;

    private Lane Make(LaneOptions options) => _lane = new Lane(options, () => _completed.Release(), _metrics, NullLogger.Instance);

    private CollectorSlot Slot(string name, bool hangs = false)
    {
        var collector = new FakeCollector(name, "0");
        if (hangs) collector.Gate.Reset();
        _collectors.Add(collector);
        return new CollectorSlot(collector, _time);
    }

    public void Dispose()
    {
        foreach (FakeCollector collector in _collectors) collector.Gate.Set();
        _lane?.Dispose();
        _metrics.Dispose();
    }

    private static bool Post(Lane lane, CollectorSlot slot) => slot.TryQueue(1) && lane.TryPost(slot);

    private static void Await(Func<bool> isTrue) => Assert.True(SpinWait.SpinUntil(isTrue, Patience), "it does not come about");

    private void AwaitCompleted(int runs)
    {
        for (int i = 0; i < runs; i++) Assert.True(_completed.Wait(Patience, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("high", ThreadPriority.AboveNormal)]
    [InlineData("normal", ThreadPriority.Normal)]
    public void TryPost_RunsOnAThreadOfTheLanesPriority(string name, ThreadPriority priority)
    {
        Lane lane = Make(name == "high" ? LaneOptions.High : LaneOptions.Normal);
        Assert.True(Post(lane, Slot("cpu")));
        AwaitCompleted(1);
        Assert.Equal(priority, _collectors[0].Priority);
    }

    [Theory]
    [InlineData("high", 100, 30)]
    [InlineData("normal", 200, 60)]
    [InlineData("scrape", 32, 60)]
    public void TryPost_OneMoreThanTheLimit_IsRefusedAndCounted(string name, int limit, int deadlineSeconds)
    {
        LaneOptions options = LaneOptions.Of(Enum.Parse<LaneKind>(name, ignoreCase: true));
        Assert.Equal((name, limit, TimeSpan.FromSeconds(deadlineSeconds)), (options.Name, options.QueueLimit, options.Deadline));
        Lane lane = Make(options);
        CollectorSlot[] hanging = [.. Enumerable.Range(0, options.MaxThreads).Select(i => Slot($"hangs{i}", hangs: true))];
        foreach (CollectorSlot slot in hanging) Assert.True(Post(lane, slot));
        Await(() => lane.QueueDepth == 0 && Array.TrueForAll(hanging, static slot => slot.State == SlotState.Running));
        for (int i = 0; i < limit; i++) Assert.True(Post(lane, Slot($"waits{i}")));
        Assert.False(Post(lane, Slot("one too many")));
        Assert.Equal((limit, 1L), (lane.QueueDepth, lane.Refused));
    }

    [Theory]
    [InlineData("high", 30)]
    [InlineData("normal", 60)]
    [InlineData("scrape", 60)]
    public void Sweep_BeyondTheDeadline_MarksStuckReplacesTheThreadAndTakesItBack(string name, int deadlineSeconds)
    {
        Lane lane = Make(LaneOptions.Of(Enum.Parse<LaneKind>(name, ignoreCase: true)) with { MaxThreads = 1 });
        CollectorSlot hanging = Slot("hangs", hangs: true), other = Slot("other");
        Post(lane, hanging);
        Await(() => hanging.State == SlotState.Running);
        Post(lane, other);
        _time.Advance(TimeSpan.FromSeconds(deadlineSeconds) - TimeSpan.FromMilliseconds(1));
        lane.Sweep();
        Assert.Equal((SlotState.Running, SlotState.Queued), (hanging.State, other.State));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        lane.Sweep();
        AwaitCompleted(1);
        Assert.Equal((SlotState.Stuck, SlotState.Done, 1), (hanging.State, other.State, lane.AbandonedThreads));
        _collectors[0].Gate.Set();
        AwaitCompleted(1);
        Await(() => lane.AbandonedThreads == 0);
        Assert.Equal(SlotState.Idle, hanging.State);
        Assert.True(Post(lane, hanging));
        AwaitCompleted(1);
    }

    [Fact]
    public void Sweep_MoreHangThanMayBeReplaced_TheLaneShrinksAndNoMoreThreadsStart()
    {
        Lane lane = Make(LaneOptions.High with { MaxThreads = 2 });
        CollectorSlot[] slots = [.. Enumerable.Range(0, 6).Select(i => Slot($"hangs{i}", hangs: true))];
        foreach (CollectorSlot slot in slots) Post(lane, slot);
        for (int round = 1; round <= 3; round++)
        {
            int running = Math.Min(2 * round, 4);
            Await(() => slots.Count(static slot => slot.State is SlotState.Running or SlotState.Stuck) == running);
            _time.Advance(LaneOptions.High.Deadline);
            lane.Sweep();
        }

        Assert.Equal((2, 2, 2), (lane.AbandonedThreads, lane.Threads, lane.QueueDepth));
        Assert.Equal(4, slots.Count(static slot => slot.State == SlotState.Stuck));
    }

    [Fact]
    public void TryPost_WhoseTickClosedWhileItWaited_StandsInTheQueueOnceAndTakesNobodysPlace()
    {
        const int Waiting = 10;
        Lane lane = Make(LaneOptions.High with { MaxThreads = 1, QueueLimit = Waiting });
        CollectorSlot gate = Slot("gate", hangs: true);
        Post(lane, gate);
        Await(() => gate.State == SlotState.Running && lane.QueueDepth == 0);
        var order = new ConcurrentQueue<int>();
        CollectorSlot[] slots = [.. Enumerable.Range(0, Waiting).Select(i => new CollectorSlot(new Noting(i, order), _time))];
        for (int tick = 0; tick < 20; tick++)
        {
            foreach (CollectorSlot slot in slots)
            {
                if (tick > 0) Assert.True(slot.TryUnqueue());
                Assert.True(Post(lane, slot));
            }
        }

        Assert.Equal((Waiting, 0L), (lane.QueueDepth, lane.Refused));
        _collectors[0].Gate.Set();
        AwaitCompleted(1 + Waiting);
        Assert.Equal(Enumerable.Range(0, Waiting), order);
        Assert.True(Post(lane, slots[0]));
        AwaitCompleted(1);
    }

    [Fact]
    public void Run_TwoHundredWait_NoneWaitsMoreThanOneRoundLongerThanAnother()
    {
        const int Waiting = 200, Rounds = 5;
        Lane lane = Make(LaneOptions.Normal with { MaxThreads = 1 });
        CollectorSlot gate = Slot("gate", hangs: true);
        var order = new ConcurrentQueue<int>();
        CollectorSlot[] slots = [.. Enumerable.Range(0, Waiting).Select(i => new CollectorSlot(new Noting(i, order), _time))];
        Post(lane, gate);
        Await(() => gate.State == SlotState.Running);
        foreach (CollectorSlot slot in slots) Assert.True(Post(lane, slot));
        _collectors[0].Gate.Set();
        // Each is asked again as soon as it has run, as a tick shorter than the round would.
        AwaitCompleted(1);
        for (int asked = Waiting; asked < Waiting * Rounds; asked++)
        {
            AwaitCompleted(1);
            Assert.True(Post(lane, slots[order.ElementAt(asked - Waiting)]));
        }

        Await(() => order.Count == Waiting * Rounds);
        var runs = new int[Waiting];
        foreach (int collector in order)
        {
            runs[collector]++;
            Assert.InRange(runs.Max() - runs.Min(), 0, 1);
        }
    }

    private sealed class Noting(int number, ConcurrentQueue<int> order) : ICollector
    {
        public string Name { get; } = $"noting{number}";

        public void Collect(Columns columns) => order.Enqueue(number);

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
