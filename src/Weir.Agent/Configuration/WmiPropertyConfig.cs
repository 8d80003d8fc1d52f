namespace Weir.Agent.Configuration;

/// <summary>A property of a WMI class that is the value of a metric.</summary>
/// <param name="Property">The property.</param>
/// <param name="Metric">Name, unit and kind of its metric.</param>
public sealed record WmiPropertyConfig(string Property, Metric Metric);
