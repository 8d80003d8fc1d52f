using Weir.Query;
using Weir.Query.Http;

namespace Weir.Server.Commands;

/// <summary>Times and durations on the command line.</summary>
internal static class RangeText
{
    /// <summary>A time, Unix ms.</summary>
    /// <exception cref="QueryException">It is not one.</exception>
    public static long Time(string option, string text) =>
        RequestTimes.TryParseTime(text, out long ms) ? ms : throw Bad($"{option}: '{text}' is neither RFC 3339 nor Unix seconds");

    /// <summary>A duration, ms.</summary>
    /// <exception cref="QueryException">It is not one.</exception>
    public static long Duration(string option, string text) =>
        RequestTimes.TryParseDuration(text, out long ms) && ms > 0 ? ms : throw Bad($"{option}: '{text}' is not a duration such as 30s or 5m");

    /// <summary>A mistake on the command line.</summary>
    public static QueryException Bad(string message) => new(QueryErrorKind.Syntax, message);
}
