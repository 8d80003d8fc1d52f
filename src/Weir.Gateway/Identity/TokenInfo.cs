namespace Weir.Gateway.Identity;

/// <summary>What is kept of a join token; its secret is not.</summary>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="SecretHash">SHA-256 of the secret.</param>
/// <param name="Tenant">Whose agents it lets in.</param>
/// <param name="Uses">How many agents it lets in.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends.</param>
/// <param name="Label">What its maker calls it.</param>
/// <param name="Revoked">Whether it was taken back.</param>
public sealed record TokenInfo(string Id, ReadOnlyMemory<byte> SecretHash, string Tenant, int Uses, DateTimeOffset Created, DateTimeOffset Expires, string Label, bool Revoked);
