using System.Text;
using System.Text.Json;
using Weir.Query;
using Weir.Query.Http;

namespace Weir.Server.Querying;

/// <summary>A result as the HTTP API would give it.</summary>
internal static class ResultJson
{
    /// <summary>One line of JSON.</summary>
    public static string Of(QueryResult result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) ResultWriter.WriteResult(json, result, rangeQuery: false, timeMs: 0);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
