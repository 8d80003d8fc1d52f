using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Weir.Query.Http;

/// <summary>The parameters of a request, from its query string and, with POST, from its form.</summary>
internal sealed class ApiRequest
{
    private readonly IQueryCollection _query;
    private readonly IFormCollection? _form;

    private ApiRequest(IQueryCollection query, IFormCollection? form)
    {
        _query = query;
        _form = form;
    }

    public static async Task<ApiRequest> ReadAsync(HttpContext context)
    {
        IFormCollection? form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        return new ApiRequest(context.Request.Query, form);
    }

    public IReadOnlyList<string> All(string name)
    {
        var values = new List<string>();
        foreach (StringValues found in (ReadOnlySpan<StringValues>)[_query[name], _form?[name] ?? default])
            foreach (string? value in found)
                if (value is not null) values.Add(value);
        return values;
    }

    public string? One(string name) => All(name) is [string value, ..] && value.Length > 0 ? value : null;

    public string Required(string name) => One(name) ?? throw Bad(name, "is missing");

    public long Time(string name, long fallbackMs) =>
        One(name) is not { } text ? fallbackMs : RequestTimes.TryParseTime(text, out long ms) ? ms : throw Bad(name, $"cannot parse '{text}' to a valid timestamp: RFC 3339 or Unix seconds");

    public long Duration(string name) =>
        RequestTimes.TryParseDuration(Required(name), out long ms) ? ms : throw Bad(name, $"cannot parse '{One(name)}' to a valid duration: 15s or seconds");

    public long? Lookback() => One("lookback_delta") is null ? null : Duration("lookback_delta") is > 0 and var ms ? ms : throw Bad("lookback_delta", "must be longer than nothing");

    public int Limit()
    {
        if (One("limit") is not { } text) return int.MaxValue;
        if (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int limit)) throw Bad("limit", "is not a whole number");
        return limit == 0 ? int.MaxValue : limit;
    }

    private static QueryException Bad(string name, string problem) => new(QueryErrorKind.Syntax, $"invalid parameter \"{name}\": {problem}");
}
