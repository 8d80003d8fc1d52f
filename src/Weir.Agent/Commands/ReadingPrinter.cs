using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Agent.Local;

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
        TextTable.Write(output, rows, 2);
    }

    private static string[] Display(Reading reading) => reading.Metric.Unit == "1"
        ? [(reading.Value * 100).ToString("0.0", CultureInfo.InvariantCulture), "%"]
        : [reading.Value.ToString("0.###", CultureInfo.InvariantCulture), ShownText.Of(reading.Metric.Unit)];

    private static string AttributesOf(Reading reading) => string.Join(' ', reading.Attributes.Select(static attribute => $"{attribute.Key}={ShownText.Of(attribute.Value)}"));

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
                // JSON has no such numbers: as Prometheus' API writes them.
                if (double.IsFinite(reading.Value)) json.WriteNumber("value", reading.Value);
                else json.WriteString("value", double.IsNaN(reading.Value) ? "NaN" : reading.Value > 0 ? "+Inf" : "-Inf");
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void PrintPrometheus(TextWriter output, IReadOnlyList<Reading> readings)
    {
        var text = new OpenMetricsText(isOpenMetrics: false);
        foreach (Reading reading in readings) text.AddSeries(reading.Metric, reading.Naming, reading.Attributes, reading.Value);
        output.Write(Encoding.UTF8.GetString(text.Finish().Span));
    }

    private static string KindOf(Metric metric) => metric.Kind == MetricKind.Counter ? "counter" : "gauge";
}
