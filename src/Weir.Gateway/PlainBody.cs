using Microsoft.AspNetCore.Http;

namespace Weir.Gateway;

/// <summary>Bodies of requests come as they are: entries are compressed by themselves, and a body that unfolds is refused before anything of it is read.</summary>
internal static class PlainBody
{
    /// <summary>What is said of another.</summary>
    public const string Refusal = "a compressed body (Content-Encoding) is not taken: send it as it is";

    /// <summary>Whether the body of a request says that it is not compressed.</summary>
    public static bool IsOf(HttpRequest request) => request.Headers.ContentEncoding.ToString() is "" or "identity";
}
