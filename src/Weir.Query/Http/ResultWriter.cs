using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weir.Contracts;
using Weir.Query.Parsing;

namespace Weir.Query.Http;

/// <summary>Writes answers in the JSON of the Prometheus HTTP API, straight into the response.</summary>
public static class ResultWriter
{
    internal static async Task WriteAsync(HttpContext context, QueryResult result, bool rangeQuery, long timeMs)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        WriteResult(json, result, rangeQuery, timeMs);
        await json.FlushAsync(context.RequestAborted);
    }

    /// <summary>Writes the whole answer.</summary>
    /// <param name="json">Receives it.</param>
    /// <param name="result">The result.</param>
    /// <param name="rangeQuery">Whether it answers a range query.</param>
    /// <param name="timeMs">Evaluation time, for a string.</param>
    public static void WriteResult(Utf8JsonWriter json, QueryResult result, bool rangeQuery, long timeMs)
    {
        bool matrix = rangeQuery || result.Type == ExprType.Matrix;
        json.WriteStartObject();
        json.WriteString("status"u8, "success"u8);
        json.WriteStartObject("data"u8);
        json.WriteString("resultType"u8, matrix ? "matrix"u8 : result.Type switch
        {
            ExprType.Scalar => "scalar"u8,
            ExprType.String => "string"u8,
            _ => "vector"u8,
        });
        json.WritePropertyName("result"u8);
        if (matrix || result.Type == ExprType.Vector)
        {
            json.WriteStartArray();
            foreach (SeriesSamples series in result.Series) WriteSeries(json, series, matrix);
            json.WriteEndArray();
        }
        else if (result.Type == ExprType.String)
        {
            WriteText(json, timeMs, result.Text);
        }
        else
        {
            WriteSample(json, result.Series[0].TimesMs[0], result.Series[0].Values[0]);
        }

        json.WriteEndObject();
        if (result.Warning is { } warning)
        {
            json.WriteStartArray("warnings"u8);
            json.WriteStringValue(warning);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    internal static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> data)
    {
        await using Utf8JsonWriter json = Begin(context);
        json.WritePropertyName("data"u8);
        data(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    internal static async Task WriteErrorAsync(HttpContext context, QueryException error)
    {
        (int status, string type) = error.Kind switch
        {
            QueryErrorKind.Syntax => (StatusCodes.Status400BadRequest, "bad_data"),
            QueryErrorKind.Timeout => (StatusCodes.Status503ServiceUnavailable, "timeout"),
            _ => (StatusCodes.Status422UnprocessableEntity, "execution"),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status"u8, "error"u8);
        json.WriteString("errorType"u8, type);
        json.WriteString("error"u8, error.Message);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    internal static void WriteLabels(Utf8JsonWriter json, Labels labels)
    {
        json.WriteStartObject();
        foreach (Label label in labels) json.WriteString(label.Name, label.Value);
        json.WriteEndObject();
    }

    private static Utf8JsonWriter Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status"u8, "success"u8);
        return json;
    }

    private static void WriteSeries(Utf8JsonWriter json, SeriesSamples series, bool matrix)
    {
        json.WriteStartObject();
        json.WritePropertyName("metric"u8);
        WriteLabels(json, series.Labels);
        json.WritePropertyName(matrix ? "values"u8 : "value"u8);
        if (matrix) json.WriteStartArray();
        for (int i = 0; i < series.TimesMs.Length; i++) WriteSample(json, series.TimesMs[i], series.Values[i]);
        if (matrix) json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSample(Utf8JsonWriter json, long timeMs, double value)
    {
        json.WriteStartArray();
        WriteTime(json, timeMs);
        // Digits, signs and letters only: written raw, since the encoder would escape the plus sign.
        json.WriteRawValue($"\"{NumberText.Value(value)}\"");
        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, long timeMs, string text)
    {
        json.WriteStartArray();
        WriteTime(json, timeMs);
        json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, long timeMs) => json.WriteRawValue((timeMs / 1000.0).ToString("0.###", CultureInfo.InvariantCulture));
}
