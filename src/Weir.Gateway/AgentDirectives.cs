using System.Collections.Concurrent;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>The streams of this process by agent; hands directives to them.</summary>
internal sealed class AgentDirectives : IAgentDirectives
{
    private readonly ConcurrentDictionary<(string Tenant, AgentId Agent), AgentStream> _streams = new();

    /// <inheritdoc/>
    public bool TrySend(string tenant, AgentId agent, Directive directive) =>
        _streams.TryGetValue((tenant, agent), out AgentStream? stream) && stream.TrySend(new ToAgent { Directive = directive });

    /// <summary>The agent brings entries of its backlog beside its stream: they count for its share of the rate.</summary>
    public void NoteBacklog(string tenant, AgentId agent)
    {
        if (_streams.TryGetValue((tenant, agent), out AgentStream? stream)) stream.NoteBacklog();
    }

    /// <summary>Makes a stream the agent's; a newer connection replaces an older one.</summary>
    public void Register(string tenant, AgentId agent, AgentStream stream) => _streams[(tenant, agent)] = stream;

    /// <summary>Forgets a stream, unless a newer one has taken its place.</summary>
    public void Unregister(string tenant, AgentId agent, AgentStream stream) => _streams.TryRemove(new((tenant, agent), stream));
}
