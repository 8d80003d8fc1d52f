using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Console.Tests;

/// <summary>Agents that keep what they are told.</summary>
internal sealed class RecordingDirectives : IAgentDirectives
{
    public bool IsConnected { get; set; } = true;

    public List<(AgentId Agent, Directive Directive)> Sent { get; } = [];

    public DirectiveReach TrySend(string tenant, AgentId agent, Directive directive, Action<DirectiveResult>? answered = null)
    {
        if (IsConnected) Sent.Add((agent, directive));
        return IsConnected ? DirectiveReach.Agent : DirectiveReach.None;
    }
}
