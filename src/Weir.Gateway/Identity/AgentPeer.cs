using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>Whom a client certificate speaks for.</summary>
/// <param name="Tenant">Whose agent it is.</param>
/// <param name="Agent">Its id.</param>
/// <param name="ExpiresAt">Until when the certificate is good.</param>
internal sealed record AgentPeer(string Tenant, AgentId Agent, DateTimeOffset ExpiresAt);
