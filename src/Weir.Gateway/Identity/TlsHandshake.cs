using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Weir.Gateway.Identity;

/// <summary>How listeners shake hands.</summary>
public static class TlsHandshake
{
    // Thousands come at once after a restart: who has begun is served, and not sent to the end of the queue.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The handshake of a listener.</summary>
    /// <param name="tls">Its options, as they are when a connection comes.</param>
    public static TlsHandshakeCallbackOptions Of(Func<SslServerAuthenticationOptions> tls) => new()
    {
        HandshakeTimeout = Limit,
        OnConnection = _ => ValueTask.FromResult(tls()),
    };
}
