using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Log;
using Weir.Protocol.Identity;
using Wire = Weir.Protocol.V1.Credentials;

namespace Weir.Agent.Identity;

/// <summary>What enrolment gave an agent: its certificate with the key, and whom to trust.</summary>
/// <param name="Certificate">With the private key.</param>
/// <param name="Authorities">The roots of gateways' certificates.</param>
/// <param name="ReceivedAt">When it came, by this host's clock.</param>
/// <param name="Lifetime">How long it is good from then on, by the gateway's clock.</param>
internal sealed record AgentCredentials(X509Certificate2 Certificate, X509Certificate2Collection Authorities, DateTimeOffset ReceivedAt, TimeSpan Lifetime)
{
    /// <summary>Whose agent this is.</summary>
    public string Tenant => CertificateNames.AgentOf(Certificate)?.Tenant ?? "";

    /// <summary>The agent that the certificate is of: after a copy not yet the one that this is.</summary>
    public AgentId Agent { get; } = AgentId.TryParse(CertificateNames.AgentOf(Certificate)?.AgentId ?? "", out AgentId agent) ? agent : default;

    /// <summary>The former ids that the certificate names, oldest first.</summary>
    public IReadOnlyList<AgentId> Former { get; } = [.. CertificateNames.FormerOf(Certificate).Select(static text => AgentId.TryParse(text, out AgentId id) ? id : default)];

    /// <summary>When it ends, by this host's clock.</summary>
    public DateTimeOffset ExpiresAt => ReceivedAt + Lifetime;

    /// <summary>What a connection to a gateway is made with.</summary>
    public SslClientAuthenticationOptions ToTls(TimeProvider time) => new()
    {
        EnabledSslProtocols = TlsRules.Protocols,
        CipherSuitesPolicy = TlsRules.Suites,
        ClientCertificateContext = SslStreamCertificateContext.Create(Certificate, [], offline: true),
        // The role counts, not the host's name: the same gateway is reached by other names through balancers and address translation.
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && CertificateTrust.IsGateway(shown, Authorities, time.GetUtcNow()),
    };

    /// <summary>Takes what came; null where it is not an agent's, not for this key, or of no authority that came with it.</summary>
    /// <param name="certificate">X.509, DER.</param>
    /// <param name="authorities">X.509, DER.</param>
    /// <param name="key">The agent's key.</param>
    /// <param name="receivedAt">When it came.</param>
    /// <param name="lifetime">How long it is good from then on.</param>
    public static AgentCredentials? TryMake(
        ReadOnlySpan<byte> certificate, IReadOnlyList<ReadOnlyMemory<byte>> authorities, ECDsa key, DateTimeOffset receivedAt, TimeSpan lifetime)
    {
        if (authorities.Count is 0 or > CertificateTrust.MaxAuthorities) return null;
        var roots = new X509Certificate2Collection();
        foreach (ReadOnlyMemory<byte> each in authorities)
        {
            if (CertificateTrust.TryLoad(each.Span) is not { } root) return null;
            roots.Add(root);
        }

        using X509Certificate2? bare = CertificateTrust.TryLoad(certificate);
        if (bare is null || CertificateNames.AgentOf(bare) is null || !CertificateTrust.IsIssuedBy(bare, roots, CertificateNames.AgentUse)) return null;
        if (!bare.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())) return null;
        return new AgentCredentials(bare.CopyWithPrivateKey(key), roots, receivedAt, lifetime);
    }

    /// <summary>Takes an answer of the enrolment listener; null where it does not fit.</summary>
    public static AgentCredentials? TryMake(Wire answer, AgentId agent, ECDsa key, DateTimeOffset now)
    {
        using X509Certificate2? bare = CertificateTrust.TryLoad(answer.Certificate.Span);
        if (bare is null) return null;
        TimeSpan lifetime = new DateTimeOffset(bare.NotAfter) - DateTimeOffset.FromUnixTimeMilliseconds(answer.GatewayTimeMs);
        AgentCredentials? made = TryMake(answer.Certificate.Span, [.. answer.Authorities.Select(static each => each.Memory)], key, now, lifetime);
        return made?.Agent == agent ? made : null;
    }
}
