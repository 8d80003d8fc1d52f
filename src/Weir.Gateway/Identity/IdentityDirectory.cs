using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Gateway.Identity;

/// <summary>What people do with the identity of a server, whether or not it runs: tokens, agents, authorities.</summary>
/// <remarks>Commands only add files; those that the server writes are never touched.</remarks>
public sealed class IdentityDirectory
{
    private readonly TimeProvider _time;

    private IdentityDirectory(IFileSystem files, IdentityFolders folders, IdentityOptions options, TimeProvider time)
    {
        _time = time;
        Files = files;
        Folders = folders;
        folders.Ensure(files);
        Authorities = new AuthorityList(files, folders.Authorities, options, time);
        TokenFiles = new TokenFiles(files, folders.Tokens);
        AgentFiles = new AgentFiles(files, folders);
    }

    internal IFileSystem Files { get; }

    internal IdentityFolders Folders { get; }

    internal AuthorityList Authorities { get; }

    internal TokenFiles TokenFiles { get; }

    internal AgentFiles AgentFiles { get; }

    /// <summary>Opens the identity and makes what is missing.</summary>
    /// <exception cref="IdentityException">A file is damaged.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static IdentityDirectory Open(IFileSystem files, string directory, IdentityOptions options, TimeProvider time) => new(files, new IdentityFolders(directory), options, time);

    /// <summary>Makes a join token; it is shown once and not kept.</summary>
    /// <param name="tenant">Whose agents it lets in.</param>
    /// <param name="uses">How many.</param>
    /// <param name="lifetime">For how long.</param>
    /// <param name="label">One line for people.</param>
    public JoinToken CreateToken(string tenant, int uses, TimeSpan lifetime, string label)
    {
        DateTimeOffset now = _time.GetUtcNow();
        JoinToken token = JoinToken.Draw(Authorities.Presenting.Pin);
        TokenFiles.Add(token, tenant, uses, now, now + lifetime, label);
        return token;
    }

    /// <summary>All tokens, each with how often it was used.</summary>
    public IReadOnlyList<(TokenInfo Token, int Used)> Tokens()
    {
        var uses = new TokenUses(Files, Folders.Uses);
        return [.. TokenFiles.All().Select(token => (token, uses.Count(token.Id)))];
    }

    /// <summary>Takes a token back; false where there is none.</summary>
    public bool RevokeToken(string id)
    {
        if (TokenFiles.Find(id) is null) return false;
        TokenFiles.Revoke(id, _time.GetUtcNow());
        return true;
    }

    /// <summary>All agents that have joined.</summary>
    public IEnumerable<AgentInfo> Agents() => AgentFiles.All();

    /// <summary>Shuts an agent out; false where it has never joined.</summary>
    public bool RevokeAgent(AgentId agent)
    {
        if (AgentFiles.Find(agent) is null) return false;
        AgentFiles.Revoke(agent, _time.GetUtcNow());
        return true;
    }

    /// <summary>All authorities, oldest first.</summary>
    public IReadOnlyList<AuthorityInfo> ListAuthorities()
    {
        CertificateAuthority issuing = Authorities.Issuing, presenting = Authorities.Presenting;
        return [.. Authorities.All.Select(each => new AuthorityInfo(each.Number, each.From.ToUniversalTime(), each.Until.ToUniversalTime(), each == issuing, each == presenting))];
    }

    /// <summary>Makes a new authority beside the others.</summary>
    /// <returns>Its number.</returns>
    public int RotateAuthority() => Authorities.Rotate().Number;
}
