namespace Weir.Agent.Configuration;

/// <summary>A performance counter that is the value of a metric.</summary>
/// <param name="Counter">Its English name.</param>
/// <param name="Metric">Name, unit and kind of its metric. A counter is shipped cumulative, times in seconds; a gauge as it stands, shares from 0 to 1.</param>
/// <param name="IsBase">Whether the base that the counter is divided by is meant: of an average, how many there were.</param>
/// <param name="Factor">What the value is multiplied by: 1024 makes bytes of KB.</param>
public sealed record PdhCounterConfig(string Counter, Metric Metric, bool IsBase = false, double Factor = 1);
