using System.Globalization;
using System.Text;

namespace Weir.Agent.Local;

/// <summary>Writes families of series in the OpenMetrics 1.0 or the Prometheus 0.0.4 text format.</summary>
/// <remarks>Both want all series of a family together: families are gathered and written at the end. Not thread-safe.</remarks>
internal sealed class OpenMetricsText(bool isOpenMetrics)
{
    private const string Total = "_total";

    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly List<Family> _order = [];

    /// <summary>The content type of the text.</summary>
    public string ContentType => isOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Takes a value.</summary>
    /// <param name="family">The family's name; a counter's with <c>_total</c>.</param>
    /// <param name="type"><c>counter</c>, <c>gauge</c>, <c>histogram</c>. A family keeps its first type; what comes under another is left out.</param>
    /// <param name="help">What it is; null where nothing is said.</param>
    /// <param name="suffix">What the sample's name has behind the family's: <c>_bucket</c>.</param>
    /// <param name="labels">Names and values.</param>
    /// <param name="value">The value.</param>
    public void Add(string family, string type, string? help, string suffix, IEnumerable<KeyValuePair<string, string>> labels, double value)
    {
        if (type == "counter" && !family.EndsWith(Total, StringComparison.Ordinal)) type = "unknown";
        if (!_families.TryGetValue(family, out Family? known))
        {
            known = new Family(family, type, help);
            _families.Add(family, known);
            _order.Add(known);
        }

        if (known.Type != type) return;
        StringBuilder text = known.Samples;
        text.Append(family).Append(suffix);
        char separator = '{';
        foreach ((string name, string label) in labels)
        {
            text.Append(separator).Append(name).Append("=\"");
            AppendEscaped(text, label, quotes: true);
            text.Append('"');
            separator = ',';
        }

        if (separator == ',') text.Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>Takes a value of a series under its Prometheus name.</summary>
    public void AddSeries(Metric metric, NamingRule naming, IEnumerable<SeriesAttribute> attributes, double value) => Add(
        PrometheusNames.Metric(metric, naming), metric.Kind == MetricKind.Counter ? "counter" : "gauge", null, "",
        attributes.Select(attribute => KeyValuePair.Create(PrometheusNames.Label(attribute.Key, naming), attribute.Value)), value);

    /// <summary>The whole text.</summary>
    public string Finish()
    {
        var text = new StringBuilder();
        foreach (Family family in _order)
        {
            string name = isOpenMetrics && family.Type == "counter" ? family.Name[..^Total.Length] : family.Name;
            text.Append("# TYPE ").Append(name).Append(' ').Append(family.Type == "unknown" && !isOpenMetrics ? "untyped" : family.Type).Append('\n');
            if (family.Help is { } help)
            {
                text.Append("# HELP ").Append(name).Append(' ');
                AppendEscaped(text, help, quotes: isOpenMetrics);
                text.Append('\n');
            }

            text.Append(family.Samples);
        }

        if (isOpenMetrics) text.Append("# EOF\n");
        return text.ToString();
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void AppendEscaped(StringBuilder text, string value, bool quotes)
    {
        foreach (char c in value)
        {
            if (c == '\\') text.Append("\\\\");
            else if (c == '\n') text.Append("\\n");
            else if (c == '"' && quotes) text.Append("\\\"");
            else text.Append(c);
        }
    }

    private sealed record Family(string Name, string Type, string? Help)
    {
        public StringBuilder Samples { get; } = new();
    }
}
