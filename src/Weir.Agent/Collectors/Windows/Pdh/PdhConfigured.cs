using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Makes collectors of the performance objects that a configuration names.</summary>
internal static class PdhConfigured
{
    /// <summary>The collector of an object: <c>pdh:NAME</c>, alone, with a query of its own.</summary>
    public static CollectorInfo InfoOf(PdhObjectConfig config)
    {
        string name = $"pdh:{config.Name}";
        PdhObject performanceObject = ObjectOf(config);
        return new CollectorInfo(name, LaneKind.Normal, config.Interval)
        {
            IsAlone = true,
            IsConfigured = true,
            Windows =
            [
                new($"PDH {config.PerformanceObject}", [.. performanceObject.Series.Select(static series => series.Template)], _ => new PdhCollector(name, performanceObject, config.Instances ?? NamePatterns.None, PdhSession.Shared))
                {
                    Needs = SourceRight.PerformanceMonitorUsers,
                },
            ],
        };
    }

    /// <summary>What is shipped of it: a template for each counter, so that one that is missing leaves the others as they are.</summary>
    public static PdhObject ObjectOf(PdhObjectConfig config)
    {
        bool hasInstances = config.Instances is not null;
        string[] keys = [.. (string[])(hasInstances ? [config.Attribute] : []), .. config.Attributes.Select(static attribute => attribute.Key)];
        string[] values = [.. config.Attributes.Select(static attribute => attribute.Value)];
        return new PdhObject(
            config.PerformanceObject,
            [.. config.Counters.Select(counter => new PdhSeries(new Template(NamingRule.OpenTelemetry, keys, [counter.Metric]), [new PdhVariant(values, [ColumnOf(counter)])]))])
        {
            HasInstances = hasInstances,
            MaxInstances = config.InstanceLimit,
            IsStrict = true,
        };
    }

    private static PdhColumn ColumnOf(PdhCounterConfig counter) =>
        new(counter.Counter, counter.IsBase ? PdhPart.Base : counter.Metric.Kind == MetricKind.Counter ? PdhPart.Total : PdhPart.Value) { Factor = counter.Factor };
}
