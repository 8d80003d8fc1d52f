using System.Globalization;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Gateway.Identity;

/// <summary>Who has used which token: one durable file per use, <c>uses/ID.N</c>, written by the server before it answers.</summary>
/// <remarks>All of them are in memory too, some 200 B each: the server is the only writer. Not thread-safe.</remarks>
internal sealed class TokenUses
{
    private const string Kind = "weir-token-use";

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly Dictionary<string, List<(AgentId Agent, string Key)>> _uses = [];

    /// <summary>Reads all uses.</summary>
    /// <exception cref="IdentityException">A file is damaged.</exception>
    public TokenUses(IFileSystem files, string directory)
    {
        _files = files;
        _directory = directory;
        foreach (string name in files.ListFiles(directory))
        {
            string path = Path.Combine(directory, name);
            if (name.Split('.') is not [var id, var number] || !JoinToken.IsId(id) || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                || RecordFile.Read(files, path, Kind) is not { } values || !AgentId.TryParse(values.Need("agent", path), out AgentId agent)) continue;
            Of(id).Add((agent, values.Need("key", path)));
        }
    }

    /// <summary>How often a token has been used.</summary>
    public int Count(string id) => _uses.TryGetValue(id, out List<(AgentId, string)>? uses) ? uses.Count : 0;

    /// <summary>Uses a token, durably. The same agent and key again are the same use: an answer that was lost can be asked for again.</summary>
    /// <returns>False where it is used up.</returns>
    public bool TryUse(TokenInfo token, AgentId agent, string key, DateTimeOffset now)
    {
        List<(AgentId Agent, string Key)> uses = Of(token.Id);
        if (uses.Contains((agent, key))) return true;
        if (uses.Count >= token.Uses) return false;
        string name = string.Create(CultureInfo.InvariantCulture, $"{token.Id}.{uses.Count + 1}");
        RecordFile.Write(_files, _directory, name, Kind, ("agent", agent.ToString()), ("key", key), ("at", RecordFile.Text(now)));
        uses.Add((agent, key));
        return true;
    }

    /// <summary>Forgets the uses of a token.</summary>
    public void Delete(string id)
    {
        for (int i = Count(id); i > 0; i--) _files.Delete(Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{id}.{i}")));
        _uses.Remove(id);
    }

    private List<(AgentId Agent, string Key)> Of(string id)
    {
        if (!_uses.TryGetValue(id, out List<(AgentId, string)>? uses)) _uses[id] = uses = [];
        return uses;
    }
}
