using System.Net;
using System.Net.Sockets;

namespace Weir.Bench.Upload;

/// <summary>Stands between client and server, counts what the client sends, and holds it up at a limit so that a kill strikes at the same place each time.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Lock _lock = new();
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _limit = long.MaxValue;
    private long _bytes;
    private Task _accepting = Task.CompletedTask;

    public CountingRelay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes from clients so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Lets this many more bytes pass, then no more until <see cref="Open"/>.</summary>
    /// <returns>Completes when the limit is reached.</returns>
    public Task HoldAfter(long bytes)
    {
        lock (_lock)
        {
            _limit = Bytes + bytes;
            _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _reached.Task;
        }
    }

    /// <summary>Lets everything pass.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _limit = long.MaxValue;
            _open.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            relays.Add(RelayAsync(client));
        }

        await Task.WhenAll(relays);
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                Task up = CopyAsync(client.GetStream(), server.GetStream(), counts: true, ended.Token), down = CopyAsync(server.GetStream(), client.GetStream(), counts: false, ended.Token);
                await Task.WhenAny(up, down);
                await ended.CancelAsync();
                client.Close();
                server.Close();
                await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone: that is what it is for.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool counts, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (counts) await CountAsync(read, cancellationToken);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private async Task CountAsync(int read, CancellationToken cancellationToken)
    {
        Task open;
        lock (_lock)
        {
            if (Interlocked.Add(ref _bytes, read) < _limit) return;
            _reached.TrySetResult();
            open = _open.Task;
        }

        await open.WaitAsync(cancellationToken);
    }
}
