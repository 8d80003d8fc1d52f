using System.Globalization;
using System.Net;
using System.Text.Json;
using Weir.Contracts;
using Weir.Query;
using Weir.Query.Parsing;

namespace Weir.Server.Querying;

/// <summary>Asks a running server over its HTTP API.</summary>
internal sealed class HttpSource(Uri server) : IQuerySource
{
    private readonly HttpClient _client = new() { BaseAddress = server, Timeout = TimeSpan.FromMinutes(2) };

    /// <inheritdoc/>
    public async Task<QueryResult> RunAsync(string query, QueryRange range, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string> { ["query"] = query };
        string path = "/api/v1/query";
        if (QueryEngine.TryGetSelector(query, out _))
        {
            // A range selector at the end of the range gives the raw samples; its window is open on the left.
            form["query"] = string.Create(CultureInfo.InvariantCulture, $"{query}[{range.ToMs - range.FromMs + 1}ms]");
            form["time"] = Seconds(range.ToMs);
        }
        else if (range.StepMs is { } step)
        {
            path = "/api/v1/query_range";
            form["start"] = Seconds(range.FromMs);
            form["end"] = Seconds(range.ToMs);
            form["step"] = Seconds(step);
        }
        else
        {
            form["time"] = Seconds(range.ToMs);
        }

        try
        {
            using var content = new FormUrlEncodedContent(form);
            using HttpResponseMessage response = await _client.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using JsonDocument json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            return Read(json.RootElement, response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new QueryException(QueryErrorKind.Execution, $"no answer from {server}: {e.Message}; is 'weir up' running there? (--url names another server, --data reads a directory)", inner: e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static QueryResult Read(JsonElement root, HttpStatusCode status)
    {
        if (status != HttpStatusCode.OK)
        {
            string message = root.TryGetProperty("error", out JsonElement error) ? error.GetString() ?? "" : status.ToString();
            throw new QueryException(status == HttpStatusCode.BadRequest ? QueryErrorKind.Syntax : QueryErrorKind.Execution, message);
        }

        string? warning = root.TryGetProperty("warnings", out JsonElement warnings) ? string.Join("; ", warnings.EnumerateArray()) : null;
        return ReadData(root) with { Warning = warning };
    }

    private static QueryResult ReadData(JsonElement root)
    {
        JsonElement data = root.GetProperty("data"), result = data.GetProperty("result");
        switch (data.GetProperty("resultType").GetString())
        {
            case "scalar":
                return new QueryResult(ExprType.Scalar, [Series(Labels.Empty, [result])]);
            case "string":
                return new QueryResult(ExprType.String, [], result[1].GetString() ?? "");
            case "vector":
                return new QueryResult(ExprType.Vector, [.. result.EnumerateArray().Select(static series => Series(ReadLabels(series), [series.GetProperty("value")]))]);
            default:
                return new QueryResult(ExprType.Matrix, [.. result.EnumerateArray().Select(static series => Series(ReadLabels(series), [.. series.GetProperty("values").EnumerateArray()]))]);
        }
    }

    private static Labels ReadLabels(JsonElement series) =>
        Labels.From(series.GetProperty("metric").EnumerateObject().Select(static label => new Label(label.Name, label.Value.GetString() ?? "")));

    private static SeriesSamples Series(Labels labels, JsonElement[] samples) => new(
        labels,
        [.. samples.Select(static sample => (long)Math.Round(sample[0].GetDouble() * 1000))],
        [.. samples.Select(static sample => Value(sample[1].GetString() ?? ""))]);

    private static double Value(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static string Seconds(long ms) => (ms / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);
}
