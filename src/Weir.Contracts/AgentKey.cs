using Weir.Log;

namespace Weir.Contracts;

/// <summary>Whose entries: agents are told apart by tenant and id.</summary>
/// <param name="Tenant">Whose agent.</param>
/// <param name="Agent">Its id.</param>
public readonly record struct AgentKey(string Tenant, AgentId Agent)
{
    /// <inheritdoc/>
    public bool Equals(AgentKey other) => Agent == other.Agent && string.Equals(Tenant, other.Tenant, StringComparison.Ordinal);

    /// <summary>Of the id alone: tenants nearly never have one in common, and this is asked for with every entry.</summary>
    public override int GetHashCode() => HashCode.Combine(Agent.High, Agent.Low);
}
