using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>Finds out for which agent a single request speaks.</summary>
internal static class AgentCaller
{
    /// <summary>The tenant of everybody on a connection without TLS.</summary>
    public const string DefaultTenant = "default";

    /// <summary>The tenant of an agent that asks something in one request.</summary>
    /// <param name="context">The gateways.</param>
    /// <param name="http">The request.</param>
    /// <param name="named">The agent that the request names.</param>
    /// <exception cref="RpcException">The certificate is not good now, or another agent's.</exception>
    public static string TenantOf(GatewayContext context, HttpContext http, AgentId named)
    {
        if (StreamIdentity.PeerOf(context.Identity, http, context.Time) is not { } who) return DefaultTenant;
        if (who.SpeaksFor(named)) return who.Tenant;
        context.Identity!.NoteUntrusted(who, "forged");
        throw new RpcException(new Status(StatusCode.PermissionDenied, $"the request names agent {named}, the certificate agent {who.Agent}"));
    }
}
