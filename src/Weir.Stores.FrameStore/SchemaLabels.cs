using System.Runtime.CompilerServices;
using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>The labels of a schema's series, without those of the host. Made once per schema and shared by every host that has it.</summary>
internal sealed class SchemaLabels
{
    private static readonly ConditionalWeakTable<Schema, SchemaLabels> Cache = [];

    private SchemaLabels(Schema schema)
    {
        Series = new Label[schema.SeriesCount][];
        for (int s = 0; s < Series.Length; s++)
        {
            NamingRule naming = schema.NamingOf(s);
            var labels = new List<Label> { new(Labels.MetricName, string.Intern(PrometheusNames.Metric(schema.MetricOf(s), naming))) };
            foreach (SeriesAttribute attribute in schema.AttributesOf(s))
                labels.Add(new Label(string.Intern(PrometheusNames.Label(attribute.Key, naming)), attribute.Value));
            Series[s] = [.. labels.DistinctBy(static label => label.Name)];
        }
    }

    /// <summary>Labels per series, the metric's name first.</summary>
    public Label[][] Series { get; }

    /// <summary>The labels of a schema.</summary>
    public static SchemaLabels Of(Schema schema) => Cache.GetValue(schema, static schema => new SchemaLabels(schema));

    /// <summary>The series that meet all matchers, a label that a series lacks counting as empty.</summary>
    public int[] Match(IReadOnlyList<LabelMatcher> matchers)
    {
        var matched = new List<int>();
        for (int s = 0; s < Series.Length; s++)
            if (Meets(Series[s], matchers)) matched.Add(s);
        return [.. matched];
    }

    private static bool Meets(Label[] labels, IReadOnlyList<LabelMatcher> matchers)
    {
        foreach (LabelMatcher matcher in matchers)
        {
            string value = "";
            foreach (Label label in labels)
            {
                if (!string.Equals(label.Name, matcher.Name, StringComparison.Ordinal)) continue;
                value = label.Value;
                break;
            }

            if (!matcher.Matches(value)) return false;
        }

        return true;
    }
}
