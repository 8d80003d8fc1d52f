using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Weir.TestKit.Processes;

namespace Weir.TestKit.Network;

/// <summary>A TCP proxy on loopback that harms what goes through it, switched while it runs. Thread-safe.</summary>
/// <remarks>
/// A direction holds at most 64 reads of 16 KiB of each connection. Disposing resets every connection: nothing outlives its test.
/// </remarks>
public sealed class FaultProxy : IAsyncDisposable
{
    private const int MaxAttempts = 10;

    private readonly ConcurrentDictionary<ProxyConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly IPEndPoint _endPoint;
    private Socket? _listener;
    private Task _accepting;
    private volatile IPEndPoint _upstream;
    private volatile Toxic _up = Toxic.None;
    private volatile Toxic _down = Toxic.None;
    private ProxyAccept _accept;
    private long _accepted;
    private long _flipped;
    private long _swallowed;

    /// <summary>Listens on a free port.</summary>
    /// <param name="upstream">Where it connects to.</param>
    /// <param name="seed">Of its jitter and of the bits that it flips.</param>
    public FaultProxy(IPEndPoint upstream, int seed = 0)
    {
        _upstream = upstream;
        _random = new Random(seed);
        _listener = ListenAnywhere();
        _endPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _endPoint;

    /// <summary>Where new connections go.</summary>
    public IPEndPoint Upstream { get => _upstream; set => _upstream = value; }

    /// <summary>What happens to bytes on their way to the upstream.</summary>
    public Toxic Up { get => _up; set => _up = value; }

    /// <summary>What happens to bytes on their way back.</summary>
    public Toxic Down { get => _down; set => _down = value; }

    /// <summary>What happens to new connections.</summary>
    public ProxyAccept Accept
    {
        get
        {
            lock (_lock) return _accept;
        }

        set
        {
            lock (_lock) Switch(value);
        }
    }

    /// <summary>Connections taken so far.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    public int Open => _connections.Count;

    /// <summary>Bits flipped so far.</summary>
    public long Flipped => Volatile.Read(ref _flipped);

    /// <summary>Bytes swallowed so far.</summary>
    public long Swallowed => Volatile.Read(ref _swallowed);

    /// <summary>Resets (RST) every open connection, on both sides.</summary>
    /// <returns>How many.</returns>
    public int Reset()
    {
        ProxyConnection[] open = [.. _connections.Keys];
        foreach (ProxyConnection connection in open) connection.Reset();
        return open.Length;
    }

    /// <summary>Harms nothing from now on; connections that were half-open or lost bytes are reset, for they cannot recover.</summary>
    public void Heal()
    {
        (Up, Down, Accept) = (Toxic.None, Toxic.None, ProxyAccept.Forward);
        foreach (ProxyConnection connection in _connections.Keys)
            if (connection.IsBeyondRepair) connection.Reset();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Accept = ProxyAccept.Refuse;
        await _accepting;
        Reset();
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
    }

    internal double NextRandom()
    {
        lock (_lock) return _random.NextDouble();
    }

    internal void CountFlip() => Interlocked.Increment(ref _flipped);

    internal void CountSwallowed(int bytes) => Interlocked.Add(ref _swallowed, bytes);

    private void Switch(ProxyAccept accept)
    {
        _accept = accept;
        if (accept == ProxyAccept.Refuse)
        {
            _listener?.Dispose();
            _listener = null;
        }
        else if (_listener is null)
        {
            _listener = Listen(_endPoint);
            _accepting = AcceptAsync(_listener);
        }
    }

    // Another process may take a port between finding it and listening on it.
    private static Socket ListenAnywhere()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Listen(new IPEndPoint(IPAddress.Loopback, FreePorts.Take(1)[0]));
            }
            catch (SocketException) when (attempt < MaxAttempts)
            {
                // The next one.
            }
        }
    }

    private static Socket Listen(IPEndPoint endPoint)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(endPoint);
        listener.Listen();
        return listener;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket client = await listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                var connection = new ProxyConnection(this, client);
                Task serving = connection.RunAsync(Accept == ProxyAccept.HalfOpen ? null : Upstream, _stop.Token);
                _connections[connection] = serving;
                _ = serving.ContinueWith(_ => _connections.TryRemove(connection, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Nobody listens any more.
        }
    }
}
