using System.Runtime.CompilerServices;
using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>The labels of a schema's series, without those of the host, and which series have a label. Made once per schema and shared by every host that has it.</summary>
/// <remarks>
/// The index is made by the first look-up that needs it and then kept: 4 B per label of a series and some 50 B per distinct label,
/// less than the labels themselves take. Safe for concurrent calls.
/// </remarks>
internal sealed class SchemaLabels
{
    private static readonly ConditionalWeakTable<Schema, SchemaLabels> Cache = [];

    private readonly Lazy<LabelIndex> _index;

    private SchemaLabels(Schema schema)
    {
        Series = new Label[schema.SeriesCount][];
        int series = 0;
        foreach (SchemaPart part in schema.Parts)
        {
            TemplateNames names = TemplateNames.Of(part.Template);
            foreach (string[] values in part.Instances)
                foreach (string metric in names.Metrics) Series[series++] = LabelsOf(metric, names.Labels, values);
        }

        _index = new Lazy<LabelIndex>(() => new LabelIndex(Series));
    }

    /// <summary>Labels per series, the metric's name first.</summary>
    public Label[][] Series { get; }

    /// <summary>The labels of a schema.</summary>
    public static SchemaLabels Of(Schema schema) => Cache.GetValue(schema, static schema => new SchemaLabels(schema));

    /// <summary>The series that meet all matchers, ascending; a label that a series lacks counts as empty.</summary>
    public int[] Match(IReadOnlyList<LabelMatcher> matchers)
    {
        // What asks for a value that is there is looked up; what asks for an absent label, or anything else, filters the rest.
        LabelMatcher[] looked = [.. matchers.Where(static matcher => matcher is { Operator: MatchOperator.Equal, Value.Length: > 0 })];
        LabelMatcher[] rest = [.. matchers.Except(looked)];
        if (looked.Length == 0) return [.. Enumerable.Range(0, Series.Length).Where(s => Meets(Series[s], rest))];
        int[] found = _index.Value.Find(looked);
        return rest.Length == 0 ? found : [.. found.Where(s => Meets(Series[s], rest))];
    }

    private static Label[] LabelsOf(string metric, string[] names, string[] values)
    {
        var labels = new List<Label>(names.Length + 1) { new(Labels.MetricName, metric) };
        for (int i = 0; i < names.Length; i++)
            if (values[i].Length > 0) labels.Add(new Label(names[i], values[i]));
        return [.. labels.DistinctBy(static label => label.Name)];
    }

    private static bool Meets(Label[] labels, LabelMatcher[] matchers)
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

    /// <summary>Label to the series that have it, ascending: all lists in one array, because most are short.</summary>
    private sealed class LabelIndex
    {
        private readonly Dictionary<Label, (int Start, int Count)> _lists = [];
        private readonly int[] _series;

        public LabelIndex(Label[][] series)
        {
            foreach (Label[] labels in series)
                foreach (Label label in labels) _lists[label] = (0, _lists.GetValueOrDefault(label).Count + 1);
            int start = 0;
            foreach ((Label label, (_, int count)) in _lists.ToArray())
            {
                _lists[label] = (start, 0);
                start += count;
            }

            _lists.TrimExcess();
            _series = new int[start];
            for (int s = 0; s < series.Length; s++)
            {
                foreach (Label label in series[s])
                {
                    (int first, int count) = _lists[label];
                    _series[first + count] = s;
                    _lists[label] = (first, count + 1);
                }
            }
        }

        /// <summary>The series that have the label of every matcher.</summary>
        public int[] Find(LabelMatcher[] matchers)
        {
            var lists = new (int Start, int Count)[matchers.Length];
            for (int i = 0; i < matchers.Length; i++)
                if (!_lists.TryGetValue(new Label(matchers[i].Name, matchers[i].Value), out lists[i])) return [];
            // The shortest first: no intersection is longer.
            Array.Sort(lists, static (a, b) => a.Count.CompareTo(b.Count));
            int[] found = Of(lists[0]).ToArray();
            int length = found.Length;
            for (int i = 1; i < lists.Length && length > 0; i++) length = Intersect(found.AsSpan(0, length), Of(lists[i]));
            return length == found.Length ? found : found[..length];
        }

        private ReadOnlySpan<int> Of((int Start, int Count) list) => _series.AsSpan(list.Start, list.Count);

        // Keeps what is in both, in place. Halving the longer list for each element of the shorter one.
        private static int Intersect(Span<int> found, ReadOnlySpan<int> other)
        {
            int kept = 0;
            foreach (int series in found)
            {
                int at = other.BinarySearch(series);
                if (at >= 0) found[kept++] = series;
                other = other[(at >= 0 ? at + 1 : ~at)..];
            }

            return kept;
        }
    }
}
