using System.Net.Security;
using System.Security.Authentication;

namespace Weir.Protocol.Identity;

/// <summary>The TLS that both sides speak: 1.3, or 1.2 with forward secrecy and an authenticated cipher.</summary>
public static class TlsRules
{
    // Windows before 11 and Server 2022 has nothing above 1.2.
    /// <summary>The versions.</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The suites; null on Windows, where the system's policy chooses and cannot be overruled by a program.</summary>
    public static CipherSuitesPolicy? Suites { get; } = OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy([
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ]);
}
