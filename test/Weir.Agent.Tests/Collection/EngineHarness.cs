using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;

namespace Weir.Agent.Tests.Collection;

/// <summary>An engine with one group at one second under a clock that the test moves; starts on the minute, or where another engine ended.</summary>
internal sealed class EngineHarness : IDisposable
{
    public const long Start = 1_800_000_000_000;

    /// <summary>How long the process has run when the engine is made.</summary>
    public static readonly TimeSpan StartUp = TimeSpan.FromMilliseconds(120);

    public EngineHarness(int frameTicks = 5, int singleTicks = 0, long intervalMs = 1000, long startMs = Start - 500, EngineHarness? before = null, ILogger? logger = null, params FakeCollector[] collectors)
    {
        Time = before?.Time ?? new SteppedTime(DateTimeOffset.FromUnixTimeMilliseconds(startMs));
        Clock = before?.Clock ?? new TickClock(Time);
        Metrics = new AgentMetrics(processStart: Time.GetUtcNow() - StartUp);
        Signals = new DeliverySignals(Time);
        Queue = new SpoolQueue(Sink, Signals, Metrics, logger ?? NullLogger.Instance);
        var cadence = new FrameCadence(Signals, intervalMs, new CadenceOptions(frameTicks) { FirstTicks = singleTicks });
        Slots = [.. collectors.Select(collector => new CollectorSlot(collector, Time))];
        Group = new CollectionGroup(Lane, null, intervalMs, cadence, Slots, logger ?? NullLogger.Instance);
        Engine = new CollectionEngine(Clock, Time, [Group], Queue, Metrics, logger ?? NullLogger.Instance);
    }

    public SteppedTime Time { get; }

    public TickClock Clock { get; }

    public AgentMetrics Metrics { get; }

    public RecordingSink Sink { get; } = new();

    public InlineLane Lane { get; } = new();

    public DeliverySignals Signals { get; }

    public SpoolQueue Queue { get; }

    public IReadOnlyList<CollectorSlot> Slots { get; }

    public CollectionGroup Group { get; }

    public CollectionEngine Engine { get; }

    /// <summary>Moves time and does what is due, as the loop would.</summary>
    public async Task RunAsync(TimeSpan duration, bool spool = true)
    {
        TimeSpan left = duration;
        while (true)
        {
            TimeSpan wait = Engine.Step();
            if (spool) await Queue.DrainAsync();
            if (left <= TimeSpan.Zero) return;
            TimeSpan step = wait < left ? wait : left;
            Time.Advance(step);
            left -= step;
        }
    }

    public async Task FinishAsync()
    {
        Engine.Finish();
        await Queue.RunAsync();
    }

    public void Dispose()
    {
        Lane.Dispose();
        Metrics.Dispose();
    }
}
