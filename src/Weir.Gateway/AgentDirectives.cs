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
    public DirectiveReach TrySend(string tenant, AgentId agent, Directive directive, Action<DirectiveResult>? answered = null)
    {
        if (!_streams.TryGetValue((tenant, agent), out AgentStream? stream)) return DirectiveReach.None;
        bool isOwn = stream.Agent == agent;
        if (!stream.TrySend(directive, isOwn ? answered : null)) return DirectiveReach.None;
        return isOwn ? DirectiveReach.Agent : DirectiveReach.Heir;
    }

    /// <summary>The agent brings entries of its backlog beside its stream: they count for its share of the rate.</summary>
    public void NoteBacklog(string tenant, AgentId agent)
    {
        if (_streams.TryGetValue((tenant, agent), out AgentStream? stream)) stream.NoteBacklog();
    }

    /// <summary>Makes a stream the agent's; a newer connection replaces an older one. Under its former ids it is heard where nobody else is.</summary>
    /// <returns>The older one of the same id; null where there was none.</returns>
    public AgentStream? Register(string tenant, AgentId agent, IReadOnlyList<AgentId> former, AgentStream stream)
    {
        foreach (AgentId id in former) _streams.TryAdd((tenant, id), stream);
        // In one step: of two that connect at once one is the older.
        AgentStream? older = null;
        _streams.AddOrUpdate(
            (tenant, agent),
            _ =>
            {
                older = null;
                return stream;
            },
            (_, known) =>
            {
                older = known;
                return stream;
            });
        // An heir of the id is no other machine that has it.
        return older?.Agent == agent ? older : null;
    }

    /// <summary>Forgets a stream, unless a newer one has taken its place.</summary>
    public void Unregister(string tenant, AgentId agent, IReadOnlyList<AgentId> former, AgentStream stream)
    {
        foreach (AgentId id in former.Prepend(agent)) _streams.TryRemove(new((tenant, id), stream));
    }
}
