using System.Net;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;

namespace Weir.Agent.Uplinks;

/// <summary>Makes connections to gateways: through the proxy of the configuration, and with the agent's identity where it has one.</summary>
/// <param name="proxy">The proxy; null for none.</param>
/// <param name="identity">What connections are made with, over TLS; null: without.</param>
internal sealed class GatewayConnector(IWebProxy? proxy, AgentIdentity? identity)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Without proxy and TLS.</summary>
    public static GatewayConnector Plain { get; } = new(null, null);

    /// <summary>The connector of a configuration, whose proxy must be well formed.</summary>
    public static GatewayConnector Of(AgentConfig config, AgentIdentity? identity)
    {
        ProxySetting.TryRead(config.Proxy, out IWebProxy? proxy);
        return new GatewayConnector(proxy, identity);
    }

    /// <summary>A handler with connections of its own, with the certificate of now; waits until the agent has joined.</summary>
    public async Task<SocketsHttpHandler> ConnectAsync(CancellationToken cancellationToken)
    {
        var tls = identity is null ? null : await identity.TlsAsync(cancellationToken).ConfigureAwait(false);
        SocketsHttpHandler handler = ProxiedHandler.Create(proxy, ConnectTimeout);
        if (tls is not null) handler.SslOptions = tls;
        return handler;
    }

    /// <summary>A gateway does not take the certificate any more: it is renewed, whatever the clock of this host says.</summary>
    public void RenewSoon() => identity?.RenewSoon();
}
