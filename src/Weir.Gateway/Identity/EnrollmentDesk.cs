using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;

namespace Weir.Gateway.Identity;

/// <summary>Judges who joins and who renews, and issues the certificates.</summary>
/// <remarks>
/// Joining is one at a time. Order of the durable steps: the use of the token, then the agent's binding, then the answer; the same request again, after a
/// crash between any two, is the same use and the same binding.
/// </remarks>
internal sealed class EnrollmentDesk(AuthorityList authorities, TokenFiles tokens, TokenUses uses, AgentFiles agents, IdentityOptions options, TimeProvider time)
{
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string P256 = "1.2.840.10045.3.1.7";

    // Some 400 bytes each; beyond them all are judged anew.
    private const int MaxPeers = 50_000;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, AgentPeer> _peers = new();
    private readonly NonceBook _nonces = new(options.NonceLifetime, options.MaxUsedNonces, time);

    /// <summary>A nonce for <see cref="Renew"/>.</summary>
    public byte[] Challenge() => _nonces.Draw();

    /// <summary>Lets an agent in by a token.</summary>
    public (EnrollmentRefusal Refusal, Credentials? Credentials) Enroll(EnrollRequest request)
    {
        if (!AgentId.TryRead(request.AgentId.Span, out AgentId agent)) return (EnrollmentRefusal.BadRequest, null);
        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            if (tokens.Find(request.TokenId) is not { } token || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(request.TokenSecret.Span), token.SecretHash.Span))
                return (EnrollmentRefusal.UnknownToken, null);
            if (token.Revoked) return (EnrollmentRefusal.RevokedToken, null);
            if (now >= token.Expires) return (EnrollmentRefusal.ExpiredToken, null);
            if (ReadSigningRequest(request.SigningRequest.Span, agent) is not { } key) return (EnrollmentRefusal.BadSigningRequest, null);
            if (agents.IsRevokedNow(agent)) return (EnrollmentRefusal.RevokedAgent, null);
            string hash = HashOf(key);
            AgentInfo? known = agents.Find(agent);
            if (known is not null && known.Tenant != token.Tenant) return (EnrollmentRefusal.OtherTenant, null);
            if (known is not null && known.Key != hash) return (EnrollmentRefusal.OtherKey, null);
            if (!uses.TryUse(token, agent, hash, now)) return (EnrollmentRefusal.UsedUpToken, null);
            if (known is null) agents.Add(new AgentInfo(agent, token.Tenant, hash, token.Id, now, Revoked: false));
            return (EnrollmentRefusal.None, Issue(key, token.Tenant, agent, now));
        }
    }

    /// <summary>Gives the holder of a certificate the next one, for the same key.</summary>
    public (EnrollmentRefusal Refusal, Credentials? Credentials, AgentId Agent) Renew(RenewRequest request)
    {
        if (!_nonces.IsGood(request.Nonce.Span)) return (EnrollmentRefusal.BadNonce, null, default);
        using X509Certificate2? certificate = CertificateTrust.TryLoad(request.Certificate.Span);
        if (certificate is null || PeerOf(certificate) is not { } peer) return (EnrollmentRefusal.ForeignCertificate, null, default);
        DateTimeOffset now = time.GetUtcNow();
        if (now > peer.ExpiresAt + options.RenewalGrace) return (EnrollmentRefusal.TooLate, null, peer.Agent);
        if (!IsProven(certificate, request)) return (EnrollmentRefusal.BadProof, null, peer.Agent);
        if (agents.IsRevokedNow(peer.Agent)) return (EnrollmentRefusal.RevokedAgent, null, peer.Agent);
        return _nonces.TryUse(request.Nonce.Span) switch
        {
            true => (EnrollmentRefusal.None, Issue(certificate.PublicKey, peer.Tenant, peer.Agent, now), peer.Agent),
            false => (EnrollmentRefusal.BadNonce, null, peer.Agent),
            null => (EnrollmentRefusal.Busy, null, peer.Agent),
        };
    }

    /// <summary>Whom a certificate of one of our authorities speaks for, whether or not it is still valid; null where it is another's.</summary>
    public AgentPeer? PeerOf(X509Certificate2 certificate)
    {
        // The handshake and the stream ask, and every reconnect: building a chain costs more than all else of a connection.
        string print = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        if (_peers.TryGetValue(print, out AgentPeer? known)) return known;
        return CertificateTrust.IsIssuedBy(certificate, authorities.Trusted, CertificateNames.AgentUse) ? Know(certificate, print) : null;
    }

    /// <summary>Whether a handshake's certificate is an agent's, its chain built by <see cref="ChainPolicy"/>.</summary>
    public bool IsAgent(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None && chain is not null && CertificateTrust.IsDirect(chain) && Know(certificate, certificate.GetCertHashString(HashAlgorithmName.SHA256)) is not null;

    /// <summary>How handshakes build chains.</summary>
    public X509ChainPolicy ChainPolicy() => CertificateTrust.PolicyOf(authorities.Trusted, CertificateNames.AgentUse);

    /// <summary>The authorities have changed: certificates are judged anew.</summary>
    public void ForgetPeers() => _peers.Clear();

    private AgentPeer? Know(X509Certificate2 certificate, string print)
    {
        if (CertificateNames.AgentOf(certificate) is not var (tenant, id) || !AgentId.TryParse(id, out AgentId agent)) return null;
        if (_peers.Count >= MaxPeers) _peers.Clear();
        return _peers[print] = new AgentPeer(tenant, agent, certificate.NotAfter);
    }

    private Credentials Issue(PublicKey key, string tenant, AgentId agent, DateTimeOffset now)
    {
        using X509Certificate2 certificate = authorities.Issuing.IssueAgent(key, tenant, agent.ToString(), now, options);
        return new Credentials
        {
            Certificate = ByteString.CopyFrom(certificate.RawData),
            Authorities = { authorities.Told.Select(static authority => ByteString.CopyFrom(authority.Public.RawData)) },
            Tenant = tenant,
            GatewayTimeMs = now.ToUnixTimeMilliseconds(),
        };
    }

    private static PublicKey? ReadSigningRequest(ReadOnlySpan<byte> der, AgentId agent)
    {
        try
        {
            // Checks the signature by the request's own key; nothing else of the request is taken over.
            CertificateRequest request = CertificateRequest.LoadSigningRequest(der.ToArray(), HashAlgorithmName.SHA256, out int read);
            return read == der.Length && request.SubjectName.Name == $"CN={agent}" && IsP256(request.PublicKey) ? request.PublicKey : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static bool IsP256(PublicKey key)
    {
        if (key.Oid.Value != EllipticCurve) return false;
        using ECDsa? curve = key.GetECDsaPublicKey();
        return curve?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256;
    }

    private static bool IsProven(X509Certificate2 certificate, RenewRequest request)
    {
        using ECDsa? key = certificate.GetECDsaPublicKey();
        return key is not null && key.VerifyData(
            RenewalProof.Bytes(request.Nonce.Span, request.Certificate.Span), request.Proof.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static string HashOf(PublicKey key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
}
