using System.Security.Cryptography;

namespace Weir.Protocol.Identity;

/// <summary>What a copy of a machine signs, with the key that it was copied with, to be given an id and a key of its own.</summary>
public static class SplitProof
{
    /// <summary>The bytes to sign: <c>weir-split-1</c>, a zero byte, the nonce, SHA-256 of the certificate, the new agent id, SHA-256 of the signing request.</summary>
    /// <remarks>As in <see cref="RenewalProof"/>; the new id and key are covered too, so that nobody between gets a certificate for another.</remarks>
    public static byte[] Bytes(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> agentId, ReadOnlySpan<byte> signingRequest) =>
        [.. "weir-split-1\0"u8, .. nonce, .. SHA256.HashData(certificate), .. agentId, .. SHA256.HashData(signingRequest)];
}
