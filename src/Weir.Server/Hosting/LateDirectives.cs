using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Server.Hosting;

/// <summary>Directives of a server whose gateways are built after its writer; before that no agent is connected.</summary>
internal sealed class LateDirectives : IAgentDirectives
{
    private volatile IAgentDirectives? _target;

    /// <summary>The gateways are there.</summary>
    public void Connect(IAgentDirectives target) => _target = target;

    /// <inheritdoc/>
    public DirectiveReach TrySend(string tenant, AgentId agent, Directive directive, Action<DirectiveResult>? answered = null) =>
        _target?.TrySend(tenant, agent, directive, answered) ?? DirectiveReach.None;
}
