using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weir.Contracts;

namespace Weir.Server.Exporting;

/// <summary>The labels of a series as one text: a JSON object, keys sorted, without the metric's name.</summary>
/// <remarks>
/// A text rather than a Parquet map: every reader can group and join by it (pandas reads a map as a list of pairs, which it cannot hash),
/// it is stored once per series in the dictionary, and DuckDB (<c>labels->>'$.cpu'</c>) and Spark (<c>get_json_object</c>) look into it.
/// </remarks>
internal static class LabelText
{
    // Readable text in a data file, never part of a page: only what JSON demands is escaped.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes the text.</summary>
    public static string Of(Labels labels)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            foreach (Label label in labels)
                if (label.Name != Labels.MetricName) json.WriteString(label.Name, label.Value);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
