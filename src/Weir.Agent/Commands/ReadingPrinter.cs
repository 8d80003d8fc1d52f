using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weir.Agent.Commands;

/// <summary>Prints readings.</summary>
internal static class ReadingPrinter
{
    /// <summary>Writes readings in a format.</summary>
    public static void Print(TextWriter output, IReadOnlyList<Reading> readings, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json:
                PrintJson(output, readings);
                break;
            case OutputFormat.Prometheus:
                PrintPrometheus(output, readings);
                break;
            default:
                PrintTable(output, readings);
                break;
        }
    }

    private static void PrintTable(TextWriter output, IReadOnlyList<Reading> readings)
    {
        string[][] rows = [["METRIC", "ATTRIBUTES", "VALUE", "UNIT"], .. readings.Select(static reading => (string[])[reading.Metric.Name, AttributesOf(reading), .. Display(reading)])];
        int[] widths = [.. Enumerable.Range(0, 4).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            output.WriteLine($"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadLeft(widths[2])}  {row[3]}".TrimEnd());
    }

    private static string[] Display(Reading reading) => reading.Metric.Unit == "1"
        ? [(reading.Value * 100).ToString("0.0", CultureInfo.InvariantCulture), "%"]
        : [reading.Value.ToString("0.###", CultureInfo.InvariantCulture), reading.Metric.Unit];

    private static string AttributesOf(Reading reading) => string.Join(' ', reading.Attributes.Select(static attribute => $"{attribute.Key}={attribute.Value}"));

    private static void PrintJson(TextWriter output, IReadOnlyList<Reading> readings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (Reading reading in readings)
            {
                json.WriteStartObject();
                json.WriteString("metric", reading.Metric.Name);
                json.WriteString("unit", reading.Metric.Unit);
                json.WriteString("kind", KindOf(reading.Metric));
                json.WriteString("collector", reading.Collector);
                json.WriteStartObject("attributes");
                foreach (SeriesAttribute attribute in reading.Attributes) json.WriteString(attribute.Key, attribute.Value);
                json.WriteEndObject();
                json.WriteNumber("value", reading.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    // The exposition format wants all series of a metric together.
    private static void PrintPrometheus(TextWriter output, IReadOnlyList<Reading> readings)
    {
        foreach (IGrouping<Metric, Reading> metric in readings.GroupBy(static reading => reading.Metric))
        {
            string name = PrometheusNames.Metric(metric.Key, NamingRule.OpenTelemetry);
            output.Write($"# TYPE {name} {KindOf(metric.Key)}\n");
            foreach (Reading reading in metric)
            {
                string labels = string.Join(',', reading.Attributes.Select(static attribute => $"{PrometheusNames.Label(attribute.Key, NamingRule.OpenTelemetry)}=\"{Escape(attribute.Value)}\""));
                output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {reading.Value:R}\n"));
            }
        }
    }

    private static string KindOf(Metric metric) => metric.Kind == MetricKind.Counter ? "counter" : "gauge";

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
