using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;

namespace Weir.Gateway.Identity;

/// <summary>Judges who joins, who renews and which copy is split from its original, and issues the certificates.</summary>
/// <remarks>
/// Joining and splitting are one at a time. Order of the durable steps: the use of the token, then the agent's binding, then the answer; the same request again,
/// after a crash between any two, is the same use and the same binding.
/// </remarks>
internal sealed class EnrollmentDesk(AuthorityList authorities, TokenFiles tokens, TokenUses uses, AgentFiles agents, TrustedStreams streams, IdentityOptions options, TimeProvider time, ILogger logger)
{
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string P256 = "1.2.840.10045.3.1.7";

    // Some 400 bytes each; beyond them all are judged anew.
    private const int MaxPeers = 50_000;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, AgentPeer> _peers = new();
    private readonly NonceBook _nonces = new(options.NonceLifetime, options.MaxUsedNonces, time);
    private readonly AgentCopies _copies = new(agents, options.MaxCopies, logger);

    /// <summary>A nonce for <see cref="Renew"/> or <see cref="Split"/>.</summary>
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
            if (OfAnother(known, token.Tenant, hash) is { } refusal) return (refusal, null);
            if (!uses.TryUse(token, agent, hash, now)) return (EnrollmentRefusal.UsedUpToken, null);
            if (known is null) agents.Add(known = new AgentInfo(agent, token.Tenant, hash, token.Id, [], now, Revoked: false));
            return (EnrollmentRefusal.None, Issue(key, token.Tenant, agent, known.Former));
        }
    }

    /// <summary>Gives the holder of a certificate the next one, for the same key.</summary>
    public (EnrollmentRefusal Refusal, Credentials? Credentials, AgentId Agent) Renew(RenewRequest request)
    {
        byte[] signed = RenewalProof.Bytes(request.Nonce.Span, request.Certificate.Span);
        (EnrollmentRefusal refusal, PublicKey? key, AgentPeer? peer) = Judge(request.Nonce.Span, request.Certificate.Span, signed, request.Proof.Span);
        if (refusal == EnrollmentRefusal.None) refusal = Use(request.Nonce.Span);
        if (refusal == EnrollmentRefusal.None) BindAgain(peer!, key!);
        return (refusal, refusal == EnrollmentRefusal.None ? Issue(key!, peer!.Tenant, peer.Agent, peer.Former) : null, peer?.Agent ?? default);
    }

    /// <summary>Gives a copy of the holder of a certificate one of its own, for another id and key, that names the id before.</summary>
    public (EnrollmentRefusal Refusal, Credentials? Credentials, AgentId From) Split(SplitRequest request)
    {
        byte[] signed = SplitProof.Bytes(request.Nonce.Span, request.Certificate.Span, request.AgentId.Span, request.SigningRequest.Span);
        (EnrollmentRefusal refusal, PublicKey? oldKey, AgentPeer? from) = Judge(request.Nonce.Span, request.Certificate.Span, signed, request.Proof.Span);
        if (refusal != EnrollmentRefusal.None) return (refusal, null, from?.Agent ?? default);
        (refusal, Credentials? credentials) = Split(request, from!, oldKey!);
        return (refusal, credentials, from!.Agent);
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

    private (EnrollmentRefusal Refusal, Credentials? Credentials) Split(SplitRequest request, AgentPeer from, PublicKey oldKey)
    {
        if (!AgentId.TryRead(request.AgentId.Span, out AgentId agent) || from.SpeaksFor(agent)) return (EnrollmentRefusal.BadRequest, null);
        if (ReadSigningRequest(request.SigningRequest.Span, agent) is not { } key) return (EnrollmentRefusal.BadSigningRequest, null);
        string hash = HashOf(key);
        if (hash == HashOf(oldKey)) return (EnrollmentRefusal.BadSigningRequest, null);
        if (Use(request.Nonce.Span) is var use and not EnrollmentRefusal.None) return (use, null);
        lock (_gate)
        {
            if (agents.IsRevokedNow(agent)) return (EnrollmentRefusal.RevokedAgent, null);
            AgentInfo? known = agents.Find(agent);
            if (OfAnother(known, from.Tenant, hash) is { } refusal) return (refusal, null);
            if (known is null)
            {
                // A server restored from an older copy may have forgotten it; who has a stream has a certificate.
                if (streams.Has(agent)) return (EnrollmentRefusal.OtherKey, null);
                known = new AgentInfo(agent, from.Tenant, hash, Token: "", [.. from.Former, from.Agent], time.GetUtcNow(), Revoked: false);
                if (_copies.IsFull(known.Former)) return (EnrollmentRefusal.TooManyCopies, null);
                agents.Add(known);
                _copies.Add(known.Former[0]);
            }

            return (EnrollmentRefusal.None, Issue(key, from.Tenant, agent, known.Former));
        }
    }

    // A server restored from an older copy has forgotten agents that came since: the certificate proves id and key, and nobody else may be given the id.
    private void BindAgain(AgentPeer peer, PublicKey key)
    {
        if (agents.IsBound(peer.Agent)) return;
        lock (_gate)
        {
            if (agents.IsBound(peer.Agent)) return;
            agents.Add(new AgentInfo(peer.Agent, peer.Tenant, HashOf(key), Token: "", peer.Former, time.GetUtcNow(), Revoked: false));
            if (peer.Former.Count > 0) _copies.Add(peer.Former[0]);
        }
    }

    // The nonce is not used up: who cannot prove anything leaves it as it was.
    private (EnrollmentRefusal Refusal, PublicKey? Key, AgentPeer? Peer) Judge(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> shown, byte[] signed, ReadOnlySpan<byte> proof)
    {
        if (!_nonces.IsGood(nonce)) return (EnrollmentRefusal.BadNonce, null, null);
        using X509Certificate2? certificate = CertificateTrust.TryLoad(shown);
        if (certificate is null || PeerOf(certificate) is not { } peer) return (EnrollmentRefusal.ForeignCertificate, null, null);
        if (time.GetUtcNow() > peer.ExpiresAt + options.RenewalGrace) return (EnrollmentRefusal.TooLate, null, peer);
        using ECDsa? key = certificate.GetECDsaPublicKey();
        if (key is null || !key.VerifyData(signed, proof, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)) return (EnrollmentRefusal.BadProof, null, peer);
        return agents.IsRevokedNow(peer.Agent) ? (EnrollmentRefusal.RevokedAgent, null, peer) : (EnrollmentRefusal.None, certificate.PublicKey, peer);
    }

    private EnrollmentRefusal Use(ReadOnlySpan<byte> nonce) => _nonces.TryUse(nonce) switch
    {
        true => EnrollmentRefusal.None,
        false => EnrollmentRefusal.BadNonce,
        null => EnrollmentRefusal.Busy,
    };

    private static EnrollmentRefusal? OfAnother(AgentInfo? known, string tenant, string keyHash) =>
        known is null ? null : known.Tenant != tenant ? EnrollmentRefusal.OtherTenant : known.Key != keyHash ? EnrollmentRefusal.OtherKey : null;

    private AgentPeer? Know(X509Certificate2 certificate, string print)
    {
        if (CertificateNames.AgentOf(certificate) is not var (tenant, id) || !AgentId.TryParse(id, out AgentId agent)) return null;
        AgentId[] former = [.. CertificateNames.FormerOf(certificate).Select(static text => AgentId.TryParse(text, out AgentId each) ? each : default)];
        if (_peers.Count >= MaxPeers) _peers.Clear();
        return _peers[print] = new AgentPeer(tenant, agent, former, certificate.NotAfter);
    }

    private Credentials Issue(PublicKey key, string tenant, AgentId agent, IReadOnlyCollection<AgentId> former)
    {
        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 certificate = authorities.Issuing.IssueAgent(key, tenant, agent.ToString(), [.. former.Select(static id => id.ToString())], now, options);
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

    private static string HashOf(PublicKey key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
}
