using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weir.Contracts;
using Weir.Query.Parsing;

namespace Weir.Query.Http;

/// <summary>Writes answers in the JSON of the Prometheus HTTP API, straight into the response.</summary>
internal static class ResultWriter
{
    private const int FlushBytes = 64 * 1024;

    public static async Task WriteAsync(HttpContext context, QueryResult result, bool rangeQuery)
    {
        await using Utf8JsonWriter json = Begin(context);
        json.WriteStartObject("data"u8);
        bool matrix = rangeQuery || result.Type == ExprType.Matrix;
        json.WriteString("resultType"u8, matrix ? "matrix"u8 : result.Type switch
        {
            ExprType.Scalar => "scalar"u8,
            ExprType.String => "string"u8,
            _ => "vector"u8,
        });
        json.WritePropertyName("result"u8);
        if (result.Type == ExprType.String && !rangeQuery)
        {
            WriteText(json, context.RequestServices.GetService(typeof(TimeProvider)) is TimeProvider time ? time.GetUtcNow().ToUnixTimeMilliseconds() : 0, result.Text);
        }
        else if (result.Type == ExprType.Scalar && !rangeQuery)
        {
            WriteSample(json, result.Series[0].TimesMs[0], result.Series[0].Values[0]);
        }
        else
        {
            json.WriteStartArray();
            foreach (SeriesSamples series in result.Series)
            {
                WriteSeries(json, series, matrix);
                if (json.BytesPending > FlushBytes) await json.FlushAsync(context.RequestAborted);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> data)
    {
        await using Utf8JsonWriter json = Begin(context);
        json.WritePropertyName("data"u8);
        data(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    public static async Task WriteErrorAsync(HttpContext context, QueryException error)
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

    public static void WriteLabels(Utf8JsonWriter json, Labels labels)
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

    private static void WriteSample(Utf8JsonWriter json, long timeMs, double value) => WriteText(json, timeMs, NumberText.Value(value));

    private static void WriteText(Utf8JsonWriter json, long timeMs, string text)
    {
        json.WriteStartArray();
        json.WriteRawValue((timeMs / 1000.0).ToString("0.###", CultureInfo.InvariantCulture));
        json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
