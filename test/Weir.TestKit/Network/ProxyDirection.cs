using System.Net.Sockets;
using System.Threading.Channels;

namespace Weir.TestKit.Network;

/// <summary>One direction of a <see cref="ProxyConnection"/>: a reader that notes when bytes are due, and a writer that waits for it.</summary>
internal sealed class ProxyDirection(FaultProxy proxy, ProxyConnection connection, Socket from, Socket to, Func<Toxic> toxic)
{
    private const int MaxReads = 64;
    private const int ReadBytes = 16 * 1024;
    private const int PollMs = 10;

    private readonly Channel<(byte[] Bytes, long DueMs)> _way = Channel.CreateBounded<(byte[], long)>(new BoundedChannelOptions(MaxReads) { SingleReader = true, SingleWriter = true });
    private long _lastDueMs;
    private long _untilFlip;

    /// <summary>Forwards until the sender's end has gone through.</summary>
    /// <exception cref="SocketException">A side broke off; both are reset.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Task reading = ReadAsync(stop.Token), writing = WriteAsync(stop.Token);
            await await Task.WhenAny(reading, writing);
            await Task.WhenAll(reading, writing);
        }
        catch
        {
            // The other direction stands at one of these sockets and ends with them.
            connection.Reset();
            throw;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadBytes];
        while (true)
        {
            int read = await from.ReceiveAsync(buffer, cancellationToken);
            Toxic now = toxic();
            if (read == 0) break;
            if (now.Swallow)
            {
                connection.IsBeyondRepair = true;
                proxy.CountSwallowed(read);
                continue;
            }

            byte[] bytes = buffer.AsSpan(0, read).ToArray();
            if (now.FlipEveryBytes > 0) Flip(bytes, now.FlipEveryBytes);
            await _way.Writer.WriteAsync((bytes, DueMs(now)), cancellationToken);
        }

        _way.Writer.Complete();
    }

    private long DueMs(Toxic now)
    {
        double afterMs = now.Latency.TotalMilliseconds + (now.Jitter > TimeSpan.Zero ? proxy.NextRandom() * now.Jitter.TotalMilliseconds : 0);
        return _lastDueMs = Math.Max(_lastDueMs, Environment.TickCount64 + (long)afterMs);
    }

    private void Flip(byte[] bytes, int every)
    {
        for (_untilFlip = Math.Min(_untilFlip, every); _untilFlip < bytes.Length; _untilFlip += every)
        {
            bytes[_untilFlip] ^= (byte)(1 << (int)(proxy.NextRandom() * 8));
            connection.IsBeyondRepair = true;
            proxy.CountFlip();
        }

        _untilFlip -= bytes.Length;
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach ((byte[] bytes, long dueMs) in _way.Reader.ReadAllAsync(cancellationToken))
        {
            for (long left = dueMs - Environment.TickCount64; left > 0; left = dueMs - Environment.TickCount64)
                await Task.Delay((int)Math.Min(left, 1000), cancellationToken);
            await SendAsync(bytes, cancellationToken);
        }

        TimeSpan closeDelay = toxic().CloseDelay;
        if (closeDelay > TimeSpan.Zero) await Task.Delay(closeDelay, cancellationToken);
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            Toxic now = toxic();
            while (now.Stall)
            {
                await Task.Delay(PollMs, cancellationToken);
                now = toxic();
            }

            int slice = now.SliceBytes > 0 ? Math.Min(now.SliceBytes, bytes.Length) : bytes.Length;
            // A tenth of a second at a time, so that a narrow way still moves.
            if (now.BytesPerSecond > 0) slice = Math.Clamp(now.BytesPerSecond / 10, 1, slice);
            int sent = await to.SendAsync(bytes[..slice], cancellationToken);
            bytes = bytes[sent..];
            if (now.BytesPerSecond > 0) await Task.Delay((int)(sent * 1000L / now.BytesPerSecond), cancellationToken);
        }
    }
}
