using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>Agents on disk: <c>agents/ID</c> binds an id to tenant and key for good; <c>revoked/ID</c> shuts an agent out.</summary>
internal sealed class AgentFiles(IFileSystem files, IdentityFolders folders)
{
    private const string Kind = "weir-agent-joined";
    private const string RevokedKind = "weir-agent-revoked";

    private volatile HashSet<AgentId> _revoked = [];

    /// <summary>Whether an agent was shut out, as of the last <see cref="Refresh"/>.</summary>
    public bool IsRevoked(AgentId agent) => _revoked.Contains(agent);

    /// <summary>Whether an agent is shut out, as the disk says now.</summary>
    public bool IsRevokedNow(AgentId agent) => files.FileExists(Path.Combine(folders.Revoked, agent.ToString()));

    /// <summary>Reads who is shut out.</summary>
    public void Refresh()
    {
        var revoked = new HashSet<AgentId>();
        foreach (string name in files.ListFiles(folders.Revoked))
            if (AgentId.TryParse(name, out AgentId agent)) revoked.Add(agent);
        _revoked = revoked;
    }

    /// <summary>An agent that has joined; null where it has not.</summary>
    public AgentInfo? Find(AgentId agent)
    {
        string path = Path.Combine(folders.Agents, agent.ToString());
        if (RecordFile.Read(files, path, Kind) is not { } values) return null;
        return new AgentInfo(
            agent, values.Need("tenant", path), values.Need("key", path), values.Need("token", path), FormerOf(values),
            DateTimeOffset.FromUnixTimeMilliseconds(values.NeedNumber("joined", path)), IsRevokedNow(agent));
    }

    /// <summary>Whether an agent is bound, be its file readable or not.</summary>
    public bool IsBound(AgentId agent) => files.FileExists(Path.Combine(folders.Agents, agent.ToString()));

    /// <summary>Binds an agent.</summary>
    public void Add(AgentInfo agent) => RecordFile.Write(
        files, folders.Agents, agent.Agent.ToString(), Kind,
        ("tenant", agent.Tenant), ("key", agent.Key), ("token", agent.Token), ("former", string.Join(' ', agent.Former)), ("joined", RecordFile.Text(agent.Joined)));

    /// <summary>All of them.</summary>
    public IEnumerable<AgentInfo> All() => Ids().Select(Find).OfType<AgentInfo>();

    /// <summary>The ids of all of them, whether or not their files can be read.</summary>
    public IEnumerable<AgentId> Ids()
    {
        foreach (string name in files.ListFiles(folders.Agents).Order(StringComparer.Ordinal))
            if (AgentId.TryParse(name, out AgentId agent)) yield return agent;
    }

    /// <summary>Shuts an agent out.</summary>
    public void Revoke(AgentId agent, DateTimeOffset now) => RecordFile.Write(files, folders.Revoked, agent.ToString(), RevokedKind, ("at", RecordFile.Text(now)));

    // Agents that joined before there were copies have no such line.
    private static AgentId[] FormerOf(IReadOnlyDictionary<string, string> values) =>
        [.. values.GetValueOrDefault("former", "").Split(' ').Select(static text => AgentId.TryParse(text, out AgentId id) ? id : default).Where(static id => !id.IsEmpty)];
}
