using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Opens what connects to a target.</summary>
internal static class TargetConnection
{
    private static readonly TimeSpan Spare = TimeSpan.FromSeconds(30);

    // Names of remote targets are looked up again after it.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>Makes the handler; nothing is connected yet.</summary>
    /// <exception cref="IOException">The file of certificates cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds a broken one.</exception>
    /// <exception cref="ScrapeException">It holds none.</exception>
    public static SocketsHttpHandler Open(ScrapeTarget target) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = 1,
        PooledConnectionIdleTimeout = target.Interval + Spare,
        PooledConnectionLifetime = Lifetime,
        // The connection of an answer that was given up is closed, not read to its end.
        MaxResponseDrainSize = 0,
        SslOptions = target.Url.Scheme == Uri.UriSchemeHttps ? SslOf(target) : new SslClientAuthenticationOptions(),
    };

    private static SslClientAuthenticationOptions SslOf(ScrapeTarget target)
    {
        var options = new SslClientAuthenticationOptions();
        if (target.InsecureSkipVerify)
        {
#pragma warning disable CA5359 // The configuration says so, for this target.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (target.CaFile is { } file)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);
            if (roots.Count == 0) throw new ScrapeException($"{file} holds no certificate");
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return options;
    }
}
