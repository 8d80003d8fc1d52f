namespace Weir.Agent.Collectors;

/// <summary>The metrics of all collectors on all systems, in OpenTelemetry names, units and attribute keys; a file for each area.</summary>
/// <remarks>docs/metrics.md lists them with their sources and is generated from here (DocumentTests). A change here is a change of the fleet's schemas.</remarks>
internal static partial class Templates
{
    private static Metric Gauge(string name, string unit) => new(name, unit, MetricKind.Gauge);

    private static Metric Counter(string name, string unit) => new(name, unit, MetricKind.Counter);

    private static Template Of(string[] keys, params Metric[] metrics) => new(NamingRule.OpenTelemetry, keys, metrics);
}
