using System.Net;
using System.Net.Sockets;

namespace Weir.Agent.Uplinks;

/// <summary>Makes handlers for gRPC that go through a proxy where one is wanted.</summary>
internal static class ProxiedHandler
{
    /// <summary>A handler with connections of its own.</summary>
    /// <param name="proxy">The proxy; null for none.</param>
    /// <param name="connectTimeout">How long a connection may take to be opened.</param>
    public static SocketsHttpHandler Create(IWebProxy? proxy, TimeSpan connectTimeout)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = connectTimeout, UseProxy = proxy is not null, Proxy = proxy };
        // Grpc.Net.Client connects by itself, past any proxy, wherever nobody else has claimed that.
        if (proxy is not null) handler.ConnectCallback = ConnectAsync;
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
