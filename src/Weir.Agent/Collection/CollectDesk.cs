using Weir.Agent.Collectors;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collection;

/// <summary>Takes orders to read a collector at another interval for a while.</summary>
/// <remarks>
/// Each is a group of its own beside the regular one, with a reader of its own, in the same lane and through the same queue, and leaves out the ticks that the regular
/// group brings. At most <see cref="MaxOrders"/> at a time and one for each collector, each for <see cref="LongestDuration"/> at most; what the configuration switches off stays off.
/// </remarks>
/// <param name="config">What runs regularly.</param>
/// <param name="plan">Makes all collectors that could run here, given a configuration.</param>
/// <param name="makeGroup">Makes a group for one of them.</param>
/// <param name="isHanging">Whether a collector's regular run has not returned in time: another would take one more thread.</param>
/// <param name="engine">Where groups run.</param>
/// <param name="logger">Where orders are named.</param>
internal sealed class CollectDesk(
    AgentConfig config, Func<AgentConfig, IReadOnlyList<PlannedCollector>> plan, Func<PlannedCollector, long, CollectionGroup> makeGroup, Func<string, bool> isHanging, CollectionEngine engine, ILogger logger)
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
        PlannedCollector? regular = Find(config, order.Collector);
        if ((regular ?? Find(Enabling(order.Collector), order.Collector)) is not { } found) return Refuse($"there is no collector {order.Collector} on this host");
        long intervalMs = (long)order.Interval.TotalMilliseconds, regularMs = (long)(regular?.Interval.TotalMilliseconds ?? 0);
        if (regular is not null && intervalMs % regularMs == 0) return Refuse($"{order.Collector} is collected every {Duration.Format(found.Interval)} anyway");
        if (regular is { Sums: true }) return Refuse($"{order.Collector} keeps sums: a second reader beside it would count the same series from elsewhere; give it an interval of its own in the configuration instead");
        if (engine.IsOrdered(order.Collector)) return Refuse($"{order.Collector} is read on request already");
        if (isHanging(order.Collector)) return Refuse($"{order.Collector} hangs: another reading would hang beside it");
        CollectionGroup group = makeGroup(found with { Interval = order.Interval }, regularMs);
        if (!engine.TryAdd(order.Collector, group, order.Duration, MaxOrders)) return Refuse($"{MaxOrders} collectors are read on request already, the most at a time");
        CollectionLog.Ordered(logger, order.Collector, Duration.Format(order.Interval), Duration.Format(order.Duration));
        return new CollectAnswer(true, $"{order.Collector} is collected every {Duration.Format(order.Interval)} for {Duration.Format(order.Duration)}");
    }

    private PlannedCollector? Find(AgentConfig under, string collector) => plan(under).FirstOrDefault(planned => planned.Collector.Name == collector);

    // What is off by default runs on request.
    private AgentConfig Enabling(string collector) =>
        config with { Collectors = new Dictionary<string, CollectorConfig>(config.Collectors) { [collector] = config.ConfigOf(collector) with { Enabled = true } } };

    private static CollectAnswer Refuse(string why) => new(false, why);
}
