using Weir.Agent.Collectors;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collection;

/// <summary>Takes orders to read a collector at a shorter interval for a while.</summary>
/// <remarks>
/// Each is a group of its own in the same lane and through the same queue. A collector that runs anyway is lent to it: its one reader goes on at the other interval, whatever it
/// keeps of what it read before, and its regular group does without it meanwhile. At most <see cref="MaxOrders"/> at a time and one for each collector, each for <see cref="LongestDuration"/> at most; what the configuration switches off stays off.
/// One whose values do not come within half its interval ends early: meanwhile its regular group has nothing of it either.
/// </remarks>
/// <param name="config">What runs regularly.</param>
/// <param name="running">The collectors that run.</param>
/// <param name="plan">Makes the collector that could run here.</param>
/// <param name="makeSlot">Makes a slot for one of them.</param>
/// <param name="makeGroup">Makes a group for one, at an interval.</param>
/// <param name="engine">Where groups run.</param>
/// <param name="logger">Where orders are named.</param>
internal sealed class CollectDesk(
    AgentConfig config, IReadOnlyList<PlannedSlot> running, CollectorPlan plan, Func<PlannedCollector, PlannedSlot> makeSlot,
    Func<PlannedSlot, TimeSpan, CollectionGroup> makeGroup, CollectionEngine engine, ILogger logger)
{
    /// <summary>Most orders at a time.</summary>
    public const int MaxOrders = 4;

    /// <summary>Longest duration of an order.</summary>
    public static readonly TimeSpan LongestDuration = TimeSpan.FromHours(1);

    /// <summary>Takes an order. Any thread; returns at once.</summary>
    public CollectAnswer Take(CollectOrder order)
    {
        if (order.Interval < AgentConfig.MinInterval || order.Interval > AgentConfig.MaxInterval)
            return Refuse($"the interval must be {Duration.Format(AgentConfig.MinInterval)} to {Duration.Format(AgentConfig.MaxInterval)}");
        if (order.Duration < order.Interval || order.Duration > LongestDuration) return Refuse($"the duration must be an interval at least and {Duration.Format(LongestDuration)} at most");
        if (config.ConfigOf(order.Collector).Enabled == false) return Refuse($"the configuration of this agent switches {order.Collector} off");
        if (engine.Refusal(order.Collector, MaxOrders) is { } refusal) return Refuse(refusal);
        PlannedSlot? regular = running.FirstOrDefault(each => each.Planned.Collector.Name == order.Collector);
        if ((regular ?? MakeWhatIsOff(order.Collector)) is not { } found) return Refuse($"there is no collector {order.Collector} on this host");
        if ((Misfit(order, found.Planned, regular) ?? engine.Add(order.Collector, makeGroup(found, order.Interval), order.Duration, MaxOrders)) is { } why)
        {
            if (regular is null) found.Slot.Dispose();
            return Refuse(why);
        }

        CollectionLog.Ordered(logger, order.Collector, Duration.Format(order.Interval), Duration.Format(order.Duration));
        return new CollectAnswer(true, $"{order.Collector} is collected every {Duration.Format(order.Interval)} for {Duration.Format(order.Duration)}");
    }

    // Why a collector is not read at the interval. What takes longer than half of it would bring nothing, neither here nor to its regular group.
    private static string? Misfit(CollectOrder order, PlannedCollector planned, PlannedSlot? regular)
    {
        if (order.Interval < planned.LeastInterval) return $"{order.Collector} is collected every {Duration.Format(planned.LeastInterval)} at most";
        if (regular is null) return null;
        if (order.Interval >= planned.Interval) return $"{order.Collector} is collected every {Duration.Format(planned.Interval)} anyway";
        TimeSpan took = regular.Slot.RunningFor > regular.Slot.Duration ? regular.Slot.RunningFor : regular.Slot.Duration;
        return took * 2 > order.Interval ? $"{order.Collector} takes {Duration.Format(took)} to read, more than half of {Duration.Format(order.Interval)}" : null;
    }

    // What is off by default runs on request.
    private PlannedSlot? MakeWhatIsOff(string collector)
    {
        AgentConfig enabling = config with { Collectors = new Dictionary<string, CollectorConfig>(config.Collectors) { [collector] = config.ConfigOf(collector) with { Enabled = true } } };
        return plan(enabling, collector) is [var found] ? makeSlot(found) : null;
    }

    private static CollectAnswer Refuse(string why) => new(false, why);
}
