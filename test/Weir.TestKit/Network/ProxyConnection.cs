using System.Net;
using System.Net.Sockets;

namespace Weir.TestKit.Network;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class ProxyConnection(FaultProxy proxy, Socket client) : IDisposable
{
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Whether bytes of it were lost, or it never reached the upstream.</summary>
    public bool IsBeyondRepair { get; set; }

    /// <summary>Forwards until both directions have ended. Does not fail.</summary>
    /// <param name="upstream">Where to; null: nowhere.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(IPEndPoint? upstream, CancellationToken cancellationToken)
    {
        try
        {
            if (upstream is null)
            {
                IsBeyondRepair = true;
                await HoldAsync(cancellationToken);
                return;
            }

            await _server.ConnectAsync(upstream, cancellationToken);
            (client.NoDelay, _server.NoDelay) = (true, true);
            var up = new ProxyDirection(proxy, this, client, _server, () => proxy.Up);
            var down = new ProxyDirection(proxy, this, _server, client, () => proxy.Down);
            await Task.WhenAll(up.RunAsync(cancellationToken), down.RunAsync(cancellationToken));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            Reset();
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Breaks it off on both sides with RST.</summary>
    public void Reset()
    {
        Reset(client);
        Reset(_server);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }

        socket.Dispose();
    }

    // Until the client gives up: what it sends is read by nobody.
    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        while (!client.Poll(0, SelectMode.SelectRead) || client.Available > 0) await Task.Delay(50, cancellationToken);
    }
}
