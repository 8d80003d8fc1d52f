using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Gateway.Identity;

/// <summary>The certificate of this server's listeners: made in memory, renewed by itself, never on disk.</summary>
internal sealed class GatewayCertificate(AuthorityList authorities, IdentityOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private SslStreamCertificateContext? _context;
    private CertificateAuthority? _issuer;
    private DateTimeOffset _from;
    private DateTimeOffset _renewAt;

    /// <summary>The certificate for a handshake that begins now.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                DateTimeOffset now = time.GetUtcNow();
                CertificateAuthority issuer = authorities.Presenting;
                // A clock that was ahead has made one that is not good yet.
                if (_context is not null && now >= _from && now < _renewAt && issuer == _issuer) return _context;
                // Not disposed: handshakes under way still use the one before.
                X509Certificate2 certificate = issuer.IssueGateway(Hosts(), now, options);
                _context = SslStreamCertificateContext.Create(certificate, [], offline: true);
                _issuer = issuer;
                _from = certificate.NotBefore;
                _renewAt = now + ((certificate.NotAfter - now) * 2 / 3);
                return _context;
            }
        }
    }

    private IEnumerable<string> Hosts() =>
        ((IEnumerable<string>)["localhost", Dns.GetHostName(), IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString(), .. options.Names]).Distinct(StringComparer.OrdinalIgnoreCase);
}
