using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weir.Contracts;
using Weir.Query.Http;
using Weir.Query.Parsing;

namespace Weir.Query;

/// <summary>The Prometheus HTTP API over a <see cref="QueryEngine"/>. Endpoints, parameters and errors: <c>docs/query.md</c>.</summary>
public static class PrometheusApi
{
    private const string Tenant = "default";
    private static readonly string[] GetAndPost = ["GET", "POST"];

    /// <summary>Maps <c>/api/v1/</c>. A <see cref="QueryEngine"/>, an <see cref="ISeriesReader"/> and a <see cref="TimeProvider"/> must be registered.</summary>
    public static void MapPrometheusApi(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder api = endpoints.MapGroup("/api/v1");
        api.MapMethods("/query", GetAndPost, (HttpContext context, QueryEngine engine, TimeProvider time) => GuardAsync(context, async request =>
        {
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            long at = request.Time("time", now);
            QueryResult result = await engine.InstantAsync(Tenant, request.Required("query"), at, request.Lookback(), context.RequestAborted);
            await ResultWriter.WriteAsync(context, result, rangeQuery: false, at);
        }));
        api.MapMethods("/query_range", GetAndPost, (HttpContext context, QueryEngine engine) => GuardAsync(context, async request =>
        {
            string query = request.Required("query");
            request.Required("start");
            request.Required("end");
            QueryResult result = await engine.RangeAsync(Tenant, query, request.Time("start", 0), request.Time("end", 0), request.Duration("step"), request.Lookback(), context.RequestAborted);
            await ResultWriter.WriteAsync(context, result, rangeQuery: true, 0);
        }));
        api.MapMethods("/series", GetAndPost, (HttpContext context, ISeriesReader reader) => GuardAsync(context, async request =>
        {
            if (request.All("match[]").Count == 0) throw new QueryException(QueryErrorKind.Syntax, "no match[] parameter provided");
            HashSet<Labels> found = await FindAsync(context, request, reader);
            await ResultWriter.WriteAsync(context, json =>
            {
                json.WriteStartArray();
                foreach (Labels labels in found.Take(request.Limit())) ResultWriter.WriteLabels(json, labels);
                json.WriteEndArray();
            });
        }));
        api.MapMethods("/labels", GetAndPost, (HttpContext context, ISeriesReader reader) => GuardAsync(context, async request =>
        {
            HashSet<Labels> found = await FindAsync(context, request, reader);
            await WriteStringsAsync(context, found.SelectMany(static labels => labels.Select(static label => label.Name)), request.Limit());
        }));
        api.MapGet("/label/{name}/values", (HttpContext context, ISeriesReader reader, string name) => GuardAsync(context, async request =>
        {
            HashSet<Labels> found = await FindAsync(context, request, reader);
            await WriteStringsAsync(context, found.Select(labels => labels[name]).Where(static value => value.Length > 0), request.Limit());
        }));
        api.MapGet("/status/buildinfo", (HttpContext context) => ResultWriter.WriteAsync(context, static json =>
        {
            json.WriteStartObject();
            json.WriteString("version"u8, typeof(PrometheusApi).Assembly.GetName().Version?.ToString(3));
            // Empty features tell Grafana that this is plain Prometheus.
            foreach (string name in (ReadOnlySpan<string>)["revision", "branch", "buildUser", "buildDate", "goVersion"]) json.WriteString(name, "");
            json.WriteStartObject("features"u8);
            json.WriteEndObject();
            json.WriteEndObject();
        }));
    }

    private static async Task GuardAsync(HttpContext context, Func<ApiRequest, Task> handle)
    {
        try
        {
            await handle(await ApiRequest.ReadAsync(context));
        }
        catch (QueryException e)
        {
            await ResultWriter.WriteErrorAsync(context, e);
        }
        catch (InvalidDataException e)
        {
            await ResultWriter.WriteErrorAsync(context, new QueryException(QueryErrorKind.Syntax, $"the form cannot be read: {e.Message}", inner: e));
        }
    }

    private static async Task<HashSet<Labels>> FindAsync(HttpContext context, ApiRequest request, ISeriesReader reader)
    {
        long from = request.Time("start", 0), to = request.Time("end", long.MaxValue / 2);
        var found = new HashSet<Labels>();
        IReadOnlyList<string> selectors = request.All("match[]");
        IEnumerable<IReadOnlyList<LabelMatcher>> matchers = selectors.Count == 0 ? [[]] : selectors.Select(static text =>
            QueryEngine.TryGetSelector(text, out IReadOnlyList<LabelMatcher>? parsed) ? parsed : throw new QueryException(QueryErrorKind.Syntax, $"match[] '{text}' is not a selector"));
        try
        {
            foreach (IReadOnlyList<LabelMatcher> one in matchers)
            {
                var selection = new SeriesSelection { Tenant = Tenant, Matchers = one, FromMs = from, ToMs = to };
                found.UnionWith(await reader.FindSeriesAsync(selection, context.RequestAborted));
            }
        }
        catch (ReadLimitException e)
        {
            throw new QueryException(QueryErrorKind.Limit, e.Message, inner: e);
        }

        return found;
    }

    private static Task WriteStringsAsync(HttpContext context, IEnumerable<string> values, int limit) => ResultWriter.WriteAsync(context, json =>
    {
        json.WriteStartArray();
        foreach (string value in values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(limit)) json.WriteStringValue(value);
        json.WriteEndArray();
    });
}
