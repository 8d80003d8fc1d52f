using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Weir.Gateway.Identity;

/// <summary>Finds out whom a stream is of.</summary>
internal static class StreamIdentity
{
    /// <summary>The peer of a TLS connection; null on a plaintext one, where everybody is of the tenant <c>default</c>.</summary>
    /// <exception cref="RpcException">The certificate is not good now.</exception>
    public static AgentPeer? PeerOf(GatewayIdentity? identity, HttpContext http, TimeProvider time)
    {
        if (http.Features.Get<ITlsHandshakeFeature>() is null) return null;
        X509Certificate2? certificate = http.Connection.ClientCertificate;
        if (identity is null || certificate is null || identity.Desk.PeerOf(certificate) is not { } peer)
            throw new RpcException(new Status(StatusCode.Unauthenticated, "a client certificate of this server's authority is needed: join with a token"));
        if (time.GetUtcNow() >= peer.ExpiresAt) throw Refused(identity, peer, StreamTrust.Expired);
        if (identity.Directory.AgentFiles.IsRevokedNow(peer.Agent)) throw Refused(identity, peer, StreamTrust.Revoked);
        return peer;
    }

    /// <summary>What an agent is told whose stream is refused or ended for its certificate; counted and logged.</summary>
    public static RpcException Refused(GatewayIdentity identity, AgentPeer peer, StreamTrust trust)
    {
        identity.NoteUntrusted(peer, trust == StreamTrust.Revoked ? "revoked" : "expired");
        return new RpcException(trust == StreamTrust.Revoked
            ? new Status(StatusCode.PermissionDenied, "this agent was revoked")
            : new Status(StatusCode.Unauthenticated, "the certificate has expired: renew it and connect again"));
    }
}
