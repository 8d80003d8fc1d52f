using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>A WMI class that the configuration names: a metric per property and row, rows told apart by their attributes.</summary>
/// <remarks>
/// Rows stand in the order of their attributes, so that a provider that answers in another order brings no new series. What cannot be told apart, and a property
/// that is no number, fail the tick with the name of the property: a configuration that is wrong gives no half of its values. A property without a value has none at
/// that tick. Unlike other collectors it allocates, some hundred bytes a row, at 15 s or slower.
/// </remarks>
internal sealed class WmiClassCollector : ICollector
{
    private readonly WmiClassConfig _config;
    private readonly WmiQueue _queue;
    private readonly Template _template;
    private readonly WmiQuery _query;
    private readonly int[] _valueAt;
    private readonly int[] _attributeAt;
    private string[][] _instances = [];

    /// <summary>Makes one.</summary>
    /// <param name="config">What is asked for.</param>
    /// <param name="queue">Where it is asked.</param>
    public WmiClassCollector(WmiClassConfig config, WmiQueue queue)
    {
        _config = config;
        _queue = queue;
        _template = TemplateOf(config);
        List<string> properties = [.. config.Attributes.Select(static each => each.Property).Concat(config.Properties.Select(static each => each.Property)).Distinct(StringComparer.OrdinalIgnoreCase)];
        _query = new WmiQuery(config.Namespace, config.ClassName, properties, config.Where);
        _attributeAt = [.. config.Attributes.Select(each => PlaceOf(each.Property))];
        _valueAt = [.. config.Properties.Select(each => PlaceOf(each.Property))];

        int PlaceOf(string property) => properties.FindIndex(each => each.Equals(property, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>It, as the plan takes it.</summary>
    public static CollectorInfo InfoOf(WmiClassConfig config) => new(NameOf(config), LaneKind.Normal, config.Interval)
    {
        IsAlone = true,
        IsConfigured = true,
        LeastInterval = WmiClassConfig.MinInterval,
        Windows = [new CollectorSource($"WMI {config.ClassName}", [TemplateOf(config)], _ => new WmiClassCollector(config, WmiQueue.Shared))],
    };

    /// <inheritdoc/>
    public string Name => NameOf(_config);

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        IReadOnlyList<WmiValue[]> rows = _queue.Run(_query);
        string[][] instances = [.. rows.Select(AttributesOf)];
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        Array.Sort(order, (a, b) => Compare(instances[a], instances[b]));
        string[][] sorted = [.. order.Select(row => instances[row])];
        if (columns.Count != rows.Count * _valueAt.Length || sorted.Length != _instances.Length || !IsSame(sorted))
        {
            RefuseTwins(sorted);
            columns.Shape(sorted.Length == 0 ? [] : [new SchemaPart(_template, sorted)]);
            _instances = sorted;
        }

        for (int i = 0; i < order.Length; i++) Set(columns, i, rows[order[i]]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The queue is the process's.
    }

    private void Set(Columns columns, int instance, WmiValue[] row)
    {
        for (int metric = 0; metric < _valueAt.Length; metric++)
        {
            WmiValue value = row[_valueAt[metric]];
            if (value.Kind == WmiValueKind.Number) columns.Set((instance * _valueAt.Length) + metric, value.Number);
            else if (value.Kind != WmiValueKind.Null) throw Unfit(_config.Properties[metric].Property, value.Kind == WmiValueKind.Text ? $"the text '{value.Text}', not a number" : "an array or an object");
        }
    }

    private string[] AttributesOf(WmiValue[] row)
    {
        var values = new string[_attributeAt.Length];
        for (int i = 0; i < values.Length; i++)
        {
            WmiValue value = row[_attributeAt[i]];
            if (value.Kind == WmiValueKind.Unsupported) throw Unfit(_config.Attributes[i].Property, "an array or an object");
            values[i] = AttributeText.Of(value.AsAttribute());
        }

        return values;
    }

    private void RefuseTwins(string[][] sorted)
    {
        for (int i = 1; i < sorted.Length; i++)
        {
            if (Compare(sorted[i - 1], sorted[i]) != 0) continue;
            string alike = _config.Attributes.Count == 0 ? "no attributes" : string.Join(", ", _config.Attributes.Select((each, at) => $"{each.Property} '{sorted[i][at]}'"));
            throw new SourceException(FailureReason.Error, $"two rows of {_config.ClassName} have {alike}: name properties under attributes that tell them apart, or narrow the rows with where");
        }
    }

    private bool IsSame(string[][] sorted)
    {
        for (int i = 0; i < sorted.Length; i++)
            if (Compare(sorted[i], _instances[i]) != 0) return false;
        return true;
    }

    private SourceException Unfit(string property, string what) => new(FailureReason.Error, $"property {property} of {_config.ClassName} is {what}");

    private static int Compare(string[] a, string[] b)
    {
        for (int i = 0; i < a.Length; i++)
            if (string.CompareOrdinal(a[i], b[i]) is not 0 and var order) return order;
        return 0;
    }

    private static Template TemplateOf(WmiClassConfig config) =>
        new(NamingRule.OpenTelemetry, [.. config.Attributes.Select(static each => each.Attribute)], [.. config.Properties.Select(static each => each.Metric)]);

    private static string NameOf(WmiClassConfig config) => $"wmi:{config.Name}";
}
