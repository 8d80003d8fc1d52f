namespace Weir.Agent.Commands;

/// <summary>One value as <c>once</c> prints it.</summary>
/// <param name="Collector">Who read it.</param>
/// <param name="Metric">What it is.</param>
/// <param name="Naming">How its names become Prometheus names.</param>
/// <param name="Attributes">Which of them.</param>
/// <param name="Value">The value.</param>
internal sealed record Reading(string Collector, Metric Metric, NamingRule Naming, IReadOnlyList<SeriesAttribute> Attributes, double Value);
