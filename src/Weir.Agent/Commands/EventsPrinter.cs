using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Agent.Events;

namespace Weir.Agent.Commands;

/// <summary>Prints records of the event log.</summary>
internal static class EventsPrinter
{
    // A table is for the eye: whole texts are in JSON.
    private const int MaxShown = 160;

    /// <summary>Writes them in a format.</summary>
    public static void Print(TextWriter output, IReadOnlyList<EventRecord> records, OutputFormat format)
    {
        if (format == OutputFormat.Json) PrintJson(output, records);
        else TextTable.Write(output, [["TIME", "LEVEL", "SOURCE", "ID", "TEXT"], .. records.Select(static record => (string[])[TimeOf(record), record.Level, ShownText.Of(record.Source, MaxShown), record.Id?.ToString(CultureInfo.InvariantCulture) ?? "", ShownText.Of(record.Text, MaxShown)])], 3);
    }

    private static string TimeOf(EventRecord record) => record.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static void PrintJson(TextWriter output, IReadOnlyList<EventRecord> records)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (EventRecord record in records)
            {
                json.WriteStartObject();
                json.WriteString("time", TimeOf(record));
                json.WriteString("level", record.Level);
                json.WriteString("source", record.Source);
                if (record.Id is { } id) json.WriteNumber("id", id);
                json.WriteString("text", record.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}
