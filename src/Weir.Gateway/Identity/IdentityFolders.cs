using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>Where things are below <c>identity/</c> of a server's data directory; <c>docs/formats/identity.md</c> lists them.</summary>
/// <remarks>Who writes what: authorities, tokens and the marks of revocation are written by commands (the first authority and successors also by the server), uses and agents by the server alone.</remarks>
internal sealed record IdentityFolders(string Root)
{
    public string Authorities => Path.Combine(Root, "ca");

    public string Tokens => Path.Combine(Root, "tokens");

    public string Uses => Path.Combine(Root, "uses");

    public string Agents => Path.Combine(Root, "agents");

    public string Revoked => Path.Combine(Root, "revoked");

    /// <summary>Makes the folders, for their owner only.</summary>
    public void Ensure(IFileSystem files)
    {
        bool isNew = !files.DirectoryExists(Root);
        files.CreateDirectory(Root);
        if (isNew && files is PhysicalFileSystem) OwnerOnly.Restrict(Root);
        foreach (string folder in (ReadOnlySpan<string>)[Authorities, Tokens, Uses, Agents, Revoked]) files.CreateDirectory(folder);
    }
}
