using System.Security.Cryptography;

namespace Weir.Protocol.Identity;

/// <summary>What an agent signs to show that it still holds its key.</summary>
public static class RenewalProof
{
    /// <summary>The bytes to sign: <c>weir-renew-1</c>, a zero byte, the nonce, SHA-256 of the certificate.</summary>
    /// <remarks>The text in front keeps the signature from being good for anything else; the nonce, from being good twice.</remarks>
    public static byte[] Bytes(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> certificate) => [.. "weir-renew-1\0"u8, .. nonce, .. SHA256.HashData(certificate)];
}
