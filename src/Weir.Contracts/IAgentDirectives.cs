using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Contracts;

/// <summary>Carries directives to agents, wherever they are connected.</summary>
public interface IAgentDirectives
{
    /// <summary>Hands a directive to an agent's stream; lost where the agent is not connected, so the issuer repeats what still matters.</summary>
    /// <returns>Whether the agent is connected here.</returns>
    bool TrySend(string tenant, AgentId agent, Directive directive);
}
