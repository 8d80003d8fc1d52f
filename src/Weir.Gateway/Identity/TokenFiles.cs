using System.Globalization;
using System.Security.Cryptography;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Gateway.Identity;

/// <summary>Join tokens on disk: <c>tokens/ID</c>, never changed, and beside it <c>ID.revoked</c> once it is taken back.</summary>
internal sealed class TokenFiles(IFileSystem files, string directory)
{
    /// <summary>Most tokens that are kept at a time.</summary>
    public const int MaxTokens = 10_000;

    private const string Kind = "weir-token";
    private const string RevokedKind = "weir-token-revoked";
    private const string RevokedSuffix = ".revoked";

    /// <summary>Keeps a new token.</summary>
    /// <exception cref="IdentityException">There are too many.</exception>
    public void Add(JoinToken token, string tenant, int uses, DateTimeOffset created, DateTimeOffset expires, string label)
    {
        if (files.ListFiles(directory).Count(JoinToken.IsId) >= MaxTokens) throw new IdentityException(directory, $"there are {MaxTokens} tokens: the server deletes those that ended three months ago when it starts");
        RecordFile.Write(
            files, directory, token.Id, Kind,
            ("secret", Convert.ToHexStringLower(SHA256.HashData(token.Secret))), ("tenant", tenant), ("uses", uses.ToString(CultureInfo.InvariantCulture)),
            ("created", RecordFile.Text(created)), ("expires", RecordFile.Text(expires)), ("label", label));
    }

    /// <summary>A token by its id; null where there is none.</summary>
    public TokenInfo? Find(string id)
    {
        string path = Path.Combine(directory, id);
        if (!JoinToken.IsId(id) || RecordFile.Read(files, path, Kind) is not { } values) return null;
        return new TokenInfo(
            id, Convert.FromHexString(values.Need("secret", path)), values.Need("tenant", path), (int)values.NeedNumber("uses", path),
            DateTimeOffset.FromUnixTimeMilliseconds(values.NeedNumber("created", path)), DateTimeOffset.FromUnixTimeMilliseconds(values.NeedNumber("expires", path)),
            values.Need("label", path), files.FileExists(path + RevokedSuffix));
    }

    /// <summary>All of them.</summary>
    public IEnumerable<TokenInfo> All() => files.ListFiles(directory).Where(JoinToken.IsId).Order(StringComparer.Ordinal).Select(Find).OfType<TokenInfo>();

    /// <summary>Takes a token back.</summary>
    public void Revoke(string id, DateTimeOffset now) => RecordFile.Write(files, directory, id + RevokedSuffix, RevokedKind, ("at", RecordFile.Text(now)));

    /// <summary>Forgets a token.</summary>
    public void Delete(string id)
    {
        files.Delete(Path.Combine(directory, id));
        if (files.FileExists(Path.Combine(directory, id + RevokedSuffix))) files.Delete(Path.Combine(directory, id + RevokedSuffix));
    }
}
