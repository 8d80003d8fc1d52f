using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weir.Protocol.Identity;

namespace Weir.Gateway.Identity;

/// <summary>One private authority: ECDSA P-256, self-signed, certificate and key in one owner-only file.</summary>
internal sealed class CertificateAuthority
{
    private static readonly TimeSpan GatewayTolerance = TimeSpan.FromDays(1);

    private CertificateAuthority(int number, byte[] fileHash, X509Certificate2 certificate)
    {
        Number = number;
        FileHash = fileHash;
        Certificate = certificate;
        Public = X509CertificateLoader.LoadCertificate(certificate.RawData);
        Pin = CertificateTrust.PinOf(certificate);
    }

    /// <summary>1 for the first, rising.</summary>
    public int Number { get; }

    /// <summary>SHA-256 of the file that it was read from.</summary>
    public byte[] FileHash { get; }

    /// <summary>The certificate without its key.</summary>
    public X509Certificate2 Public { get; }

    /// <summary>SHA-256 of its public key info.</summary>
    public byte[] Pin { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset From => Public.NotBefore;

    /// <summary>When it ends.</summary>
    public DateTimeOffset Until => Public.NotAfter;

    private X509Certificate2 Certificate { get; }

    /// <summary>Draws a new one.</summary>
    /// <returns>The content of its file: certificate and key, PEM.</returns>
    public static byte[] Make(int number, DateTimeOffset from, TimeSpan lifetime)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = string.Create(CultureInfo.InvariantCulture, $"CN=Weir authority {number} {RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(from, from + lifetime);
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Reads the content of a file.</summary>
    /// <exception cref="CryptographicException">It is damaged.</exception>
    public static CertificateAuthority Load(int number, byte[] fileHash, string pem) => new(number, fileHash, X509Certificate2.CreateFromPem(pem, pem));

    /// <summary>Issues an agent's certificate.</summary>
    public X509Certificate2 IssueAgent(PublicKey key, string tenant, string agentId, IReadOnlyCollection<string> former, DateTimeOffset now, IdentityOptions options)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={agentId}"), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(CertificateNames.OfAgent(tenant, agentId)));
        if (former.Count > 0) request.CertificateExtensions.Add(CertificateNames.NameFormer(former));
        return Issue(request, names, CertificateNames.AgentUse, now - options.ClockTolerance, now + options.AgentLifetime);
    }

    /// <summary>Issues a gateway's certificate, its key included.</summary>
    public X509Certificate2 IssueGateway(IEnumerable<string> hosts, DateTimeOffset now, IdentityOptions options)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Weir gateway", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(CertificateNames.Gateway));
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(new X509Extension(CertificateNames.AuthorityExtension, Public.RawData, critical: false));
        using X509Certificate2 certificate = Issue(request, names, CertificateNames.GatewayUse, now - GatewayTolerance, now + options.GatewayLifetime);
        X509Certificate2 withKey = certificate.CopyWithPrivateKey(key);
        if (!OperatingSystem.IsWindows()) return withKey;
        // The TLS of Windows takes no key that was never in one of its containers; this one's goes when the certificate does.
        using (withKey) return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private X509Certificate2 Issue(CertificateRequest request, SubjectAlternativeNameBuilder names, string use, DateTimeOffset from, DateTimeOffset until)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Public, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return request.Create(Certificate, from > From ? from : From, until < Until ? until : Until, serial);
    }
}
