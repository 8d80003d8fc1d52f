namespace Weir.Frames;

/// <summary>How a series behaves. Values are frozen.</summary>
public enum MetricKind : byte
{
    /// <summary>A value that goes up and down.</summary>
    Gauge = 0,

    /// <summary>A cumulative count that only grows, or starts again from zero.</summary>
    Counter = 1,
}

/// <summary>Which rules a template's metric names follow. Values are frozen.</summary>
public enum NamingRule : byte
{
    /// <summary>OpenTelemetry: dotted names, the unit apart; Prometheus names are derived from them.</summary>
    OpenTelemetry = 0,

    /// <summary>Prometheus: names and label names are final (scraped and foreign samples).</summary>
    Prometheus = 1,
}

/// <summary>One metric of a template.</summary>
/// <param name="Name">Name, at most <see cref="FrameLimits.MaxNameBytes"/> UTF-8 bytes: <c>system.cpu.time</c>.</param>
/// <param name="Unit">UCUM unit, or empty: <c>s</c>, <c>By</c>, <c>1</c>, <c>{process}</c>.</param>
/// <param name="Kind">How the value behaves.</param>
public readonly record struct Metric(string Name, string Unit, MetricKind Kind);

/// <summary>One attribute of a series.</summary>
public readonly record struct SeriesAttribute(string Key, string Value);
