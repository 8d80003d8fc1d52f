using System.Net.Security;
using System.Net.Sockets;
using Grpc.Net.Client;
using Weir.Protocol.V1;

namespace Weir.Bench.Replay;

/// <summary>All hosts of a replay, their streams spread over a bounded number of HTTP/2 connections.</summary>
internal sealed class ReplayFleet : IDisposable
{
    private const int MaxOpening = 64;

    private readonly HostSender[] _senders;
    private readonly ReplayPacer _pacer;
    private readonly Uri _gateway;
    private readonly int _connections;
    private GrpcChannel[] _channels = [];

    /// <summary>Makes the hosts and encodes their frames where they fit into the memory meant for that.</summary>
    public ReplayFleet(ReplayPlan plan, FleetSettings settings, Uri gateway, TimeProvider time)
    {
        _pacer = new ReplayPacer(settings.Pace, settings.Hosts, time);
        Hosts = [.. Enumerable.Range(0, settings.Hosts).Select(index => new ReplayHost(plan, index))];
        IEnumerable<ReplayEntry>[] entries = Encode(Hosts, settings.MaxEncodedBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);
        EncodedAhead = entries[0] is ReplayEntry[];
        _senders = [.. Hosts.Select((host, index) => new HostSender(host, index, entries[index], settings.BatchFrames, _pacer, Totals, time))];
        _gateway = gateway;
        _connections = settings.Connections ?? Math.Min(settings.Hosts, 64);
    }

    public IReadOnlyList<ReplayHost> Hosts { get; }

    public ReplayTotals Totals { get; } = new();

    /// <summary>Whether every frame was encoded before the first was sent.</summary>
    public bool EncodedAhead { get; }

    /// <summary>Timestamp after the last batch was handed to its stream.</summary>
    public long SentAt => _senders.Max(static sender => sender.SentAt);

    /// <summary>Timestamp of the last ACK.</summary>
    public long AckedAt => _senders.Max(static sender => sender.AckedAt);

    /// <summary>The time from leaving to its ACK of every batch that was acked after a timestamp, in order of length.</summary>
    public TimeSpan[] SortedAckLatencies(long since) =>
        [.. _senders.SelectMany(static sender => sender.AckLatencies).Where(latency => latency.AckedAt >= since).Select(static latency => latency.Length).Order()];

    /// <summary>Opens all streams, a bounded number at a time: thousands at once would wait for each other longer than a handshake may take.</summary>
    /// <param name="tls">What each host connects with, over a connection of its own; null: plaintext.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task OpenAsync(IReadOnlyList<SslClientAuthenticationOptions>? tls, CancellationToken cancellationToken)
    {
        _channels = [.. Enumerable.Range(0, tls?.Count ?? _connections).Select(index => Connect(_gateway, tls?[index]))];
        using var room = new SemaphoreSlim(MaxOpening);
        await AllAsync(OpenAsync, cancellationToken);

        async Task OpenAsync(HostSender sender, int index, CancellationToken stop)
        {
            await room.WaitAsync(stop);
            try
            {
                await sender.OpenAsync(new Intake.IntakeClient(_channels[index % _channels.Length]), stop);
            }
            finally
            {
                room.Release();
            }
        }
    }

    /// <summary>Sends everything and waits until all of it is acked; the first host that fails ends the others.</summary>
    public Task SendAsync(CancellationToken cancellationToken)
    {
        _pacer.Start();
        return AllAsync(static (sender, _, stop) => sender.SendAsync(stop), cancellationToken);
    }

    public void Dispose()
    {
        foreach (HostSender sender in _senders) sender.Dispose();
        foreach (GrpcChannel channel in _channels) channel.Dispose();
    }

    private async Task AllAsync(Func<HostSender, int, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? first = null;
        await Task.WhenAll(_senders.Select((sender, index) => Task.Run(() => OneAsync(sender, index), CancellationToken.None)));
        cancellationToken.ThrowIfCancellationRequested();
        if (first is not null) throw new ReplayFailedException(first is ReplayFailedException ? first.Message : $"a stream broke: {first.Message}");

        async Task OneAsync(HostSender sender, int index)
        {
            try
            {
                await action(sender, index, stop.Token);
            }
            catch (Exception failure)
            {
                // The first failure is the cause, those that its cancellation brings about are not.
                Interlocked.CompareExchange(ref first, failure, null);
                await stop.CancelAsync();
            }
        }
    }

    private static IEnumerable<ReplayEntry>[] Encode(IReadOnlyList<ReplayHost> hosts, long maxBytes)
    {
        ReplayEntry[] sample = [.. hosts[0].Entries()];
        if (sample.Sum(static entry => (long)entry.Bytes.Length) * Math.Min(hosts.Count, ReplayPlan.DistinctHosts) > maxBytes) return [.. hosts.Select(static host => host.Entries())];
        var entries = new ReplayEntry[hosts.Count][];
        entries[0] = sample;
        int distinct = Math.Min(hosts.Count, ReplayPlan.DistinctHosts);
        Parallel.For(1, distinct, index => entries[index] = [.. hosts[index].Entries()]);
        // Entries do not name their agent: beyond the first, which says who the host is, those of hosts that do not differ are the same.
        for (int index = distinct; index < hosts.Count; index++) entries[index] = [hosts[index].EpochStart(), .. entries[index % distinct].Skip(1)];
        return entries;
    }

    private GrpcChannel Connect(Uri gateway, SslClientAuthenticationOptions? tls)
    {
        var handler = new SocketsHttpHandler
        {
            // More streams than the server allows on one connection open another one instead of waiting.
            EnableMultipleHttp2Connections = true,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }

                Totals.OnConnected();
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        if (tls is null) return GrpcChannel.ForAddress(gateway, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        handler.SslOptions = tls;
        return GrpcChannel.ForAddress(new UriBuilder(gateway) { Scheme = Uri.UriSchemeHttps }.Uri, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
