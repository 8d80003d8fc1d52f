using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>Whom a client certificate speaks for.</summary>
/// <param name="Tenant">Whose agent it is.</param>
/// <param name="Agent">Its id.</param>
/// <param name="Former">The ids that it has had before, oldest first.</param>
/// <param name="ExpiresAt">Until when the certificate is good.</param>
internal sealed record AgentPeer(string Tenant, AgentId Agent, IReadOnlyList<AgentId> Former, DateTimeOffset ExpiresAt)
{
    /// <summary>Whether it may bring what was made under an id.</summary>
    public bool SpeaksFor(AgentId agent) => agent == Agent || Former.Contains(agent);
}
