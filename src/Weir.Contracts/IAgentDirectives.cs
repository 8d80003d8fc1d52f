using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Contracts;

/// <summary>Carries directives to agents, wherever they are connected.</summary>
public interface IAgentDirectives
{
    /// <summary>Hands a directive to an agent's stream; lost where the agent is not connected, so the issuer repeats what still matters.</summary>
    /// <param name="tenant">Whose agent.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="directive">The directive.</param>
    /// <param name="answered">
    /// Gets the agent's answer, at most once, on a thread of the stream: it must be quick. Not called where the stream ends before, or where too many others wait for theirs.
    /// </param>
    /// <returns>Whether the agent is connected here.</returns>
    bool TrySend(string tenant, AgentId agent, Directive directive, Action<DirectiveResult>? answered = null);
}
