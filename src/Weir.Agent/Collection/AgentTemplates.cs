namespace Weir.Agent.Collection;

/// <summary>What the agent measures of itself.</summary>
internal static class AgentTemplates
{
    /// <summary>How much later than its nominal time the last collector of a group's tick began to read: how far off a value of the tick can be.</summary>
    public static Template Tick { get; } = new(NamingRule.OpenTelemetry, ["weir.agent.group"], [new("weir.agent.tick.skew", "s", MetricKind.Gauge)]);

    /// <summary>How many instances a collector has beyond its limit.</summary>
    public static Template LeftOut { get; } = new(NamingRule.OpenTelemetry, ["weir.agent.collector"], [new("weir.agent.instances.left_out", "{instance}", MetricKind.Gauge)]);
}
