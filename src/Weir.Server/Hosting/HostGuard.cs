using System.Net;
using Microsoft.AspNetCore.Http;

namespace Weir.Server.Hosting;

/// <summary>Refuses HTTP requests that a foreign web page could have caused: wrong Host (DNS rebinding) or foreign Origin.</summary>
internal sealed class HostGuard(RequestDelegate next, HostGuardOptions options)
{
    private static readonly PathString[] AgentPaths = [new("/weir.v1.Intake"), new("/weir.v1.Backfill"), new("/weir.v1.Enrollment"), new("/api/upload")];

    /// <summary>Checks one request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // Agents' listeners speak HTTP/2 or TLS, or both, and serve agents alone; everything else belongs to the HTTP listener, which speaks neither.
        if (HttpProtocol.IsHttp2(context.Request.Protocol) || context.Request.IsHttps)
            return Array.Exists(AgentPaths, path => context.Request.Path.StartsWithSegments(path)) ? next(context) : RefuseAsync(context, StatusCodes.Status404NotFound, "not served here");
        if (!IsKnown(context.Request.Host.Host)) return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "unknown Host");
        string origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0) return next(context);
        bool sameOrigin = Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
            && string.Equals($"{uri.Host}:{uri.Port}", $"{context.Request.Host.Host}:{context.Request.Host.Port ?? 80}", StringComparison.OrdinalIgnoreCase);
        return sameOrigin ? next(context) : RefuseAsync(context, StatusCodes.Status403Forbidden, "foreign Origin");
    }

    private bool IsKnown(string host)
    {
        string bare = host.Trim('[', ']');
        if (string.Equals(bare, "localhost", StringComparison.OrdinalIgnoreCase)) return true;
        // An address cannot be rebound; a name can.
        if (IPAddress.TryParse(bare, out _)) return true;
        return options.Names.Contains(bare, StringComparer.OrdinalIgnoreCase);
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"refused: {reason}; see http.hosts in the configuration\n", context.RequestAborted);
    }
}

/// <summary>What <see cref="HostGuard"/> lets through.</summary>
/// <param name="Names">Host names beside localhost and addresses.</param>
internal sealed record HostGuardOptions(IReadOnlyList<string> Names);
