using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>What is kept of an agent that has joined.</summary>
/// <param name="Agent">Its id.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Key">SHA-256 of its public key info, hexadecimal.</param>
/// <param name="Token">The token it joined with.</param>
/// <param name="Joined">When.</param>
/// <param name="Revoked">Whether it is shut out.</param>
public sealed record AgentInfo(AgentId Agent, string Tenant, string Key, string Token, DateTimeOffset Joined, bool Revoked);
