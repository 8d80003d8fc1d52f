using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>What is kept of an agent that has joined, or was split from one that had.</summary>
/// <param name="Agent">Its id.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Key">SHA-256 of its public key info, hexadecimal.</param>
/// <param name="Token">The token it joined with; empty for a copy, and where a server restored from an older copy has forgotten it.</param>
/// <param name="Former">The ids that it has had before, oldest first; none for one that joined with a token.</param>
/// <param name="Joined">When; where it had been forgotten, when it renewed first since.</param>
/// <param name="Revoked">Whether it is shut out.</param>
public sealed record AgentInfo(AgentId Agent, string Tenant, string Key, string Token, IReadOnlyList<AgentId> Former, DateTimeOffset Joined, bool Revoked)
{
    /// <summary>The agent that it is a copy of; null for one that joined with a token.</summary>
    public AgentId? From => Former.Count > 0 ? Former[^1] : null;
}
