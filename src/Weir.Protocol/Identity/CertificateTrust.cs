using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Protocol.Identity;

/// <summary>Whom both sides believe: certificates of Weir's own authorities, never those of the system.</summary>
public static class CertificateTrust
{
    /// <summary>Most authorities that an agent is told of.</summary>
    public const int MaxAuthorities = 16;

    private const int MaxCertificateBytes = 16 * 1024;

    /// <summary>Whether one of the authorities issued a certificate for a use. When it is valid is for the caller to judge.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="authorities">The only roots that count.</param>
    /// <param name="use">Object id of the key's extended use.</param>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2Collection authorities, string use)
    {
        if (authorities.Count == 0) return false;
        using var chain = new X509Chain { ChainPolicy = PolicyOf(authorities, use) };
        bool isIssued = chain.Build(certificate) && IsDirect(chain);
        // Copies with native memory of their own, of which a connection would leave two behind.
        foreach (X509ChainElement element in chain.ChainElements) element.Certificate.Dispose();
        return isIssued;
    }

    /// <summary>How a chain is built by which an authority issued a certificate for a use.</summary>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities, string use)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(use));
        return policy;
    }

    /// <summary>Whether a chain is a leaf and its issuer, nothing between: an authority is itself part of the chain that ends with it.</summary>
    public static bool IsDirect(X509Chain chain) => chain.ChainElements.Count == 2;

    /// <summary>Whether a gateway's certificate is good now.</summary>
    public static bool IsGateway(X509Certificate2 certificate, X509Certificate2Collection authorities, DateTimeOffset now) =>
        now >= certificate.NotBefore && now <= certificate.NotAfter
        && CertificateNames.UriOf(certificate) == CertificateNames.Gateway
        && IsIssuedBy(certificate, authorities, CertificateNames.GatewayUse);

    /// <summary>Whether a gateway's certificate is good now, for an agent that knows only the pin of its join token.</summary>
    public static bool IsGateway(X509Certificate2 certificate, ReadOnlySpan<byte> pin, DateTimeOffset now)
    {
        if (certificate.Extensions[CertificateNames.AuthorityExtension] is not { } extension || TryLoad(extension.RawData) is not { } authority) return false;
        using (authority)
            return CryptographicOperations.FixedTimeEquals(PinOf(authority), pin) && IsGateway(certificate, [authority], now);
    }

    /// <summary>SHA-256 of a certificate's public key info.</summary>
    public static byte[] PinOf(X509Certificate2 certificate) => SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Reads one certificate, DER; null where it is none.</summary>
    public static X509Certificate2? TryLoad(ReadOnlySpan<byte> der)
    {
        if (der.Length is 0 or > MaxCertificateBytes) return null;
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
