using System.Net;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;

namespace Weir.Agent.Uploads;

/// <summary>Connections for what is large: of their own, so that nothing fresh waits behind it.</summary>
internal static class BulkHandler
{
    /// <summary>Makes a handler as the configuration says, over TLS with the certificate of now where there is an identity.</summary>
    public static async Task<SocketsHttpHandler> CreateAsync(AgentConfig config, AgentIdentity? identity, CancellationToken cancellationToken)
    {
        ProxySetting.TryRead(config.Proxy, out IWebProxy? proxy);
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), UseProxy = proxy is not null, Proxy = proxy };
        if (identity is not null) handler.SslOptions = await identity.TlsAsync(cancellationToken).ConfigureAwait(false);
        return handler;
    }
}
