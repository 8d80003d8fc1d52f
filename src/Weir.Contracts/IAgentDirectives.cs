using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Contracts;

/// <summary>Carries directives to agents, wherever they are connected.</summary>
public interface IAgentDirectives
{
    /// <summary>Hands a directive to an agent's stream, or an heir's where the agent is away; lost where neither is connected, so the issuer repeats what still matters.</summary>
    /// <param name="tenant">Whose agent.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="directive">The directive.</param>
    /// <param name="answered">
    /// Gets the agent's own answer, at most once, on a thread of the stream: it must be quick. Not called for an heir's, which says nothing about the agent; nor where the stream ends before, or where
    /// too many others wait for theirs.
    /// </param>
    /// <returns>Who has been handed it.</returns>
    DirectiveReach TrySend(string tenant, AgentId agent, Directive directive, Action<DirectiveResult>? answered = null);
}
