using System.Net;
using System.Net.Sockets;
using Weir.TestKit.Network;

namespace Weir.Scenarios.Network;

/// <summary>What the fault proxy claims to do to a connection is what its ends see.</summary>
public sealed class FaultProxyTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly FaultProxy _proxy;

    // Held to the end of a test: a socket that nobody names any more is closed by the collector, and its other end reset.
    private readonly List<Socket> _sockets = [];

    public FaultProxyTests()
    {
        _server.Start();
        _proxy = new FaultProxy((IPEndPoint)_server.LocalEndpoint, seed: 7);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
        foreach (Socket socket in _sockets) socket.Dispose();
    }

    [Fact]
    public async Task None_ForwardsBothWaysAndTheEnds()
    {
        (Socket client, Socket server) = await ConnectAsync();
        byte[] sent = Bytes(1 << 20);
        Task sending = client.SendAsync(sent, Cancellation).AsTask();

        Assert.Equal(sent, await ReadAsync(server, sent.Length));
        await sending;
        await server.SendAsync("back"u8.ToArray(), Cancellation);
        Assert.Equal("back"u8.ToArray(), await ReadAsync(client, 4));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await server.ReceiveAsync(new byte[1], Cancellation));
        await server.SendAsync("still"u8.ToArray(), Cancellation);
        Assert.Equal("still"u8.ToArray(), await ReadAsync(client, 5));
    }

    [Fact]
    public async Task Latency_BytesComeLaterInOrder()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Up = new Toxic { Latency = TimeSpan.FromMilliseconds(60), Jitter = TimeSpan.FromMilliseconds(40) };
        long start = TimeProvider.System.GetTimestamp();
        byte[] sent = Bytes(200_000);
        await client.SendAsync(sent, Cancellation);

        Assert.Equal(sent, await ReadAsync(server, sent.Length));
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(50), "earlier than the latency");
    }

    [Fact]
    public async Task BytesPerSecond_AndSlices_EverythingComesSlowly()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Up = new Toxic { BytesPerSecond = 20_000, SliceBytes = 100 };
        long start = TimeProvider.System.GetTimestamp();
        byte[] sent = Bytes(4000);
        await client.SendAsync(sent, Cancellation);

        Assert.Equal(sent, await ReadAsync(server, sent.Length));
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(150), "faster than the limit");
    }

    [Fact]
    public async Task Stall_NothingComesUntilItEndsAndNothingIsLost()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Up = new Toxic { Stall = true };
        await client.SendAsync("held"u8.ToArray(), Cancellation);
        await RoundTripAsync();
        Assert.Equal(0, server.Available);

        _proxy.Heal();

        Assert.Equal("held"u8.ToArray(), await ReadAsync(server, 4));

        // The other way is open: what went round proves that the proxy ran on.
        async Task RoundTripAsync()
        {
            await server.SendAsync("x"u8.ToArray(), Cancellation);
            await ReadAsync(client, 1);
        }
    }

    [Fact]
    public async Task Swallow_BytesAreGoneAndHealResetsTheConnection()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Up = new Toxic { Swallow = true };
        await client.SendAsync("lost"u8.ToArray(), Cancellation);
        while (_proxy.Swallowed < 4) await Task.Delay(5, Cancellation);

        _proxy.Heal();

        await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[1], Cancellation).AsTask().WaitAsync(Limit, Cancellation));
        await Assert.ThrowsAsync<SocketException>(async () => await server.ReceiveAsync(new byte[1], Cancellation).AsTask().WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task FlipEveryBytes_FlipsOneBitInEach()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Up = new Toxic { FlipEveryBytes = 1000 };
        byte[] sent = Bytes(50_000);
        await client.SendAsync(sent, Cancellation);

        byte[] received = await ReadAsync(server, sent.Length);

        Assert.Equal(50, Enumerable.Range(0, sent.Length).Sum(i => int.PopCount(sent[i] ^ received[i])));
        Assert.Equal(50, _proxy.Flipped);
    }

    [Fact]
    public async Task Reset_BothSidesSeeIt()
    {
        (Socket client, Socket server) = await ConnectAsync();

        Assert.Equal(1, _proxy.Reset());

        await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[1], Cancellation).AsTask().WaitAsync(Limit, Cancellation));
        await Assert.ThrowsAsync<SocketException>(async () => await server.ReceiveAsync(new byte[1], Cancellation).AsTask().WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task Refuse_NobodyListensUntilItForwardsAgainOnTheSamePort()
    {
        _proxy.Accept = ProxyAccept.Refuse;
        using var refused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () => await refused.ConnectAsync(_proxy.EndPoint, Cancellation));

        _proxy.Accept = ProxyAccept.Forward;

        (Socket client, Socket server) = await ConnectAsync();
        await client.SendAsync("here"u8.ToArray(), Cancellation);
        Assert.Equal("here"u8.ToArray(), await ReadAsync(server, 4));
    }

    [Fact]
    public async Task HalfOpen_ConnectionStandsAndNobodyIsBehindIt()
    {
        _proxy.Accept = ProxyAccept.HalfOpen;
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_proxy.EndPoint, Cancellation);
        await client.SendAsync("hello"u8.ToArray(), Cancellation);
        while (_proxy.Accepted == 0) await Task.Delay(5, Cancellation);

        Assert.False(_server.Pending());
        Assert.Equal(0, client.Available);
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        await client.ConnectAsync(_proxy.EndPoint, Cancellation);
        Socket server = await _server.AcceptSocketAsync(Cancellation).AsTask().WaitAsync(Limit, Cancellation);
        _sockets.Add(server);
        return (client, server);
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int got = await socket.ReceiveAsync(bytes.AsMemory(read), Cancellation).AsTask().WaitAsync(Limit, Cancellation);
            Assert.NotEqual(0, got);
            read += got;
        }

        return bytes;
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
