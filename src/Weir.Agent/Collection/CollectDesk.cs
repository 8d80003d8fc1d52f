using Weir.Agent.Collectors;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collection;

/// <summary>Takes orders to read a collector at a shorter interval for a while.</summary>
/// <remarks>
/// Each is a group of its own in the same lane and through the same queue. A collector that runs anyway is lent to it: its one reader goes on at the other interval, whatever it
/// keeps of what it read before, and its regular group does without it meanwhile. At most <see cref="MaxOrders"/> at a time and one for each collector, each for <see cref="LongestDuration"/> at most; what the configuration switches off stays off.
/// </remarks>
/// <param name="config">What runs regularly.</param>
/// <param name="running">The collectors that run.</param>
/// <param name="plan">Makes all collectors that could run here, given a configuration.</param>
/// <param name="makeSlot">Makes a slot for one of them.</param>
/// <param name="makeGroup">Makes a group for one, at an interval.</param>
/// <param name="engine">Where groups run.</param>
/// <param name="logger">Where orders are named.</param>
internal sealed class CollectDesk(
    AgentConfig config, IReadOnlyList<PlannedSlot> running, Func<AgentConfig, IReadOnlyList<PlannedCollector>> plan, Func<PlannedCollector, PlannedSlot> makeSlot,
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
        PlannedSlot? regular = running.FirstOrDefault(each => each.Planned.Collector.Name == order.Collector);
        if ((regular ?? MakeWhatIsOff(order.Collector)) is not { } found) return Refuse($"there is no collector {order.Collector} on this host");
        if (order.Interval < found.Planned.LeastInterval) return Refuse($"{order.Collector} is collected every {Duration.Format(found.Planned.LeastInterval)} at most");
        if (order.Interval >= regular?.Planned.Interval) return Refuse($"{order.Collector} is collected every {Duration.Format(found.Planned.Interval)} anyway");
        if (engine.IsOrdered(order.Collector)) return Refuse($"{order.Collector} is read on request already");
        if (!engine.TryAdd(order.Collector, makeGroup(found, order.Interval), order.Duration, MaxOrders)) return Refuse($"{MaxOrders} collectors are read on request already, the most at a time");
        CollectionLog.Ordered(logger, order.Collector, Duration.Format(order.Interval), Duration.Format(order.Duration));
        return new CollectAnswer(true, $"{order.Collector} is collected every {Duration.Format(order.Interval)} for {Duration.Format(order.Duration)}");
    }

    // What is off by default runs on request.
    private PlannedSlot? MakeWhatIsOff(string collector)
    {
        AgentConfig enabling = config with { Collectors = new Dictionary<string, CollectorConfig>(config.Collectors) { [collector] = config.ConfigOf(collector) with { Enabled = true } } };
        return plan(enabling).FirstOrDefault(planned => planned.Collector.Name == collector) is { } found ? makeSlot(found) : null;
    }

    private static CollectAnswer Refuse(string why) => new(false, why);
}
