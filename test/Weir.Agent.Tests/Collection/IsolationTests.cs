using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Local;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

/// <summary>Real lanes with real threads beside collectors that hang, throw and flood, for five minutes of a clock that the test moves.</summary>
public sealed class IsolationTests : IDisposable
{
    private const int Ticks = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SteppedTime _time = new(DateTimeOffset.FromUnixTimeMilliseconds(EngineHarness.Start - 500));
    private readonly AgentMetrics _metrics = new();
    private readonly RecordingSink _sink = new();
    private readonly FakeCollector _cpu = new("cpu", "0"), _memory = new("memory", "0"), _hangs = new("hangs", "0"), _throws = new("throws", "0");
    private readonly FakeCollector _floods = new("floods", [.. Enumerable.Range(0, 100_000).Select(static i => $"i{i}")]);

    public void Dispose()
    {
        foreach (FakeCollector each in (FakeCollector[])[_cpu, _memory, _hangs, _throws, _floods]) each.Gate.Set();
        _metrics.Dispose();
    }

    [Fact]
    public async Task Five_minutes_beside_a_collector_that_hangs_one_that_throws_and_one_that_floods_cost_the_others_no_tick()
    {
        using var lane = new Lane(LaneOptions.High with { MaxThreads = 2 }, static () => { }, _metrics, NullLogger.Instance);
        var signals = new DeliverySignals(_time);
        var queue = new SpoolQueue(_sink, signals, _metrics, NullLogger.Instance);
        CollectorSlot[] slots = [.. ((FakeCollector[])[_hangs, _throws, _floods, _cpu, _memory]).Select(collector => new CollectorSlot(collector, _time))];
        var cadence = new FrameCadence(signals, 1000, new CadenceOptions(0) { FirstTicks = 0 });
        var engine = new CollectionEngine(new TickClock(_time), _time, [new CollectionGroup(lane, null, 1000, cadence, slots, NullLogger.Instance)], queue, _metrics, NullLogger.Instance);
        _hangs.Gate.Reset();
        _throws.Throws = new IOException("always");

        for (int tick = 0; tick < Ticks; tick++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            engine.Step();
            // All but the one that hangs have returned: the clock must not run away from a collector that only takes its time here.
            Assert.True(SpinWait.SpinUntil(() => slots[3].Runs == tick + 1 && slots[4].Runs == tick + 1 && Array.TrueForAll(slots[1..], static slot => slot.State is SlotState.Idle or SlotState.Done), Patience), $"tick {tick} did not get its turn");
            _time.Advance(TimeSpan.FromMilliseconds(500));
            engine.Step();
            await queue.DrainAsync();
        }

        // The culprits by name, as doctor has them.
        Assert.Equal(["stuck", "paused", "paused", "works", "works"], slots.Select(static slot => CollectorStatus.Of(slot, LaneKind.High, TimeSpan.FromSeconds(1)).State));
        Assert.Contains("always", CollectorStatus.Of(slots[1], LaneKind.High, TimeSpan.FromSeconds(1)).Problem, StringComparison.Ordinal);
        Assert.Contains("the collector has 100000 series, the limit is 8000", CollectorStatus.Of(slots[2], LaneKind.High, TimeSpan.FromSeconds(1)).Problem, StringComparison.Ordinal);
        Assert.Equal(1, lane.AbandonedThreads);

        engine.Finish();
        await queue.RunAsync();
        foreach (string metric in (string[])["test.cpu", "test.memory"]) Assert.Equal(Enumerable.Range(1, Ticks).Select(static run => run * 100.0), _sink.Frames.Select(frame => frame.Value(metric, "0")!.Value));
        Assert.All(_sink.Declarations, static window => Assert.Equal((0, 0), (window.Declaration.Missed, window.Declaration.Late)));
    }
}
