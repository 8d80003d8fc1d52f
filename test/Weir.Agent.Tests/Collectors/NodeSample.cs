using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>A sample of node_exporter.</summary>
internal sealed record NodeSample(string Name, SeriesAttribute[] Labels, double Value);
