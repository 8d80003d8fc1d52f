using Weir.Frames;

namespace Weir.TestKit.Recordings;

/// <summary>One series of a recording, as the exporter named it.</summary>
/// <param name="Name">Metric name, verbatim.</param>
/// <param name="Labels">Labels in ordinal order of their names; an empty label is no label and left out.</param>
/// <param name="Kind">Counter where a <c># TYPE</c> line of exactly this name says so, else gauge.</param>
public sealed record RecordedSeries(string Name, IReadOnlyList<SeriesAttribute> Labels, MetricKind Kind);
