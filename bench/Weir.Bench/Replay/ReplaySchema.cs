using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Replay;

/// <summary>Makes the schema of a recording: metrics that have the same instances share a template.</summary>
internal static class ReplaySchema
{
    /// <summary>The schema, and for each of its series the series of the recording.</summary>
    public static (Schema Schema, int[] Columns) Build(IReadOnlyList<RecordedSeries> series)
    {
        var metrics = series.Select(static (s, column) => (Series: s, Column: column))
            .GroupBy(static item => item.Series.Name, StringComparer.Ordinal)
            .Select(static group => MetricColumns.Of([.. group]));
        var parts = new List<SchemaPart>();
        var columns = new List<int>(series.Count);
        foreach (IGrouping<string, MetricColumns> shared in metrics.GroupBy(static metric => metric.InstancesText, StringComparer.Ordinal))
        {
            MetricColumns[] members = [.. shared];
            var template = new Template(NamingRule.Prometheus, members[0].Keys, [.. members.Select(static m => new Metric(m.Name, "", m.Kind))]);
            parts.Add(new SchemaPart(template, members[0].Instances));
            for (int instance = 0; instance < members[0].Instances.Length; instance++)
                columns.AddRange(members.Select(metric => metric.Columns[instance]));
        }

        return (new Schema(parts), [.. columns]);
    }

    /// <summary>The series of one metric: keys are the union of their labels, an absent one is an empty value.</summary>
    private sealed record MetricColumns(string Name, MetricKind Kind, string[] Keys, string[][] Instances, int[] Columns, string InstancesText)
    {
        public static MetricColumns Of((RecordedSeries Series, int Column)[] members)
        {
            RecordedSeries first = members[0].Series;
            string[] keys = [.. members.SelectMany(static m => m.Series.Labels).Select(static label => label.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            string[][] instances = [.. members.Select(member => Instance(member.Series, keys))];
            var text = new ByteWriter();
            foreach (string key in keys) text.String(key);
            foreach (string value in instances.SelectMany(static instance => instance)) text.String(value);
            text.Varint((ulong)keys.Length);
            return new MetricColumns(first.Name, first.Kind, keys, instances, [.. members.Select(static m => m.Column)], Convert.ToHexString(text.Written));
        }

        private static string[] Instance(RecordedSeries series, string[] keys) =>
            [.. keys.Select(key => series.Labels.FirstOrDefault(label => label.Key == key).Value ?? "")];
    }
}
