using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Configuration;
using Weir.Agent.Uplinks;
using Weir.Bench.Replay;

namespace Weir.Bench.Outage;

/// <summary>Lets an agent collect for hours without a gateway, under a clock that is stepped from tick to tick.</summary>
/// <remarks>Engine, frames, spool and what decides how long frames gather are the agent's own; only the clock, the threads of collectors and what they read are not.</remarks>
internal static class OutageFill
{
    private const long IntervalMs = 1000;

    /// <summary>Fills the spool of an agent.</summary>
    /// <param name="config">The agent.</param>
    /// <param name="rows">What it collects.</param>
    /// <param name="first">The snapshot to begin with.</param>
    /// <param name="endMs">The last tick, Unix ms.</param>
    /// <param name="ticks">How many.</param>
    /// <returns>Samples collected.</returns>
    public static async Task<long> RunAsync(AgentConfig config, RecordingRows rows, int first, long endMs, int ticks)
    {
        var time = new OutageClock(endMs - (ticks * IntervalMs) + (IntervalMs / 2));
        IDelivery delivery = await SpoolDelivery.OpenAsync(config, NullLoggerFactory.Instance, time);
        await using (delivery)
        {
            using var metrics = new AgentMetrics();
            using var lane = new InlineLane();
            using var collector = new ReplayCollector(rows, first);
            using var slot = new CollectorSlot(collector, time);
            var cadence = new FrameCadence(delivery.Signals, IntervalMs, new CadenceOptions(config.FrameSeconds));
            var queue = new SpoolQueue(delivery.Sink, delivery.Signals, metrics, NullLogger.Instance);
            var engine = new CollectionEngine(new TickClock(time), time, [new CollectionGroup(lane, null, IntervalMs, cadence, [slot], NullLogger.Instance)], queue, metrics, NullLogger.Instance);
            while (time.NowMs <= endMs)
            {
                TimeSpan wait = engine.Step();
                await queue.DrainAsync();
                time.Advance(wait);
            }

            engine.Finish();
            await queue.RunAsync();
            // Each tick also says how late it was.
            return collector.Values + ticks;
        }
    }
}
