using System.Numerics;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>Keeps a connection to the gateway and carries the spool there.</summary>
/// <remarks>One connection at a time, each a new one below HTTP/2 too: what is left of a dead connection is not used again.</remarks>
internal sealed class Uplink(UplinkOptions options, AgentStore store, DeliverySignals signals, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<Uplink>();
    private readonly RefusalCounts _refusals = new();
    private long _failures;

    /// <summary>Sends until cancelled; connects again whatever happens. Does not fail.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var metrics = new UplinkMetrics();
        var backoff = new Backoff(options.FirstDelay, options.MaxDelay, Random.Shared);
        Task saving = SaveAcksAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            (string ended, TimeSpan? after) = await ConnectAsync(metrics, backoff, cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested) break;
            // What the gateway asks for wins over our own guess.
            await Task.Delay(after ?? backoff.Next(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            metrics.Reconnecting(ended);
        }

        await saving.ConfigureAwait(false);
    }

    private async Task<(string Ended, TimeSpan? After)> ConnectAsync(UplinkMetrics metrics, Backoff backoff, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            // A silent gateway is found out by heartbeats; these pings find out half-open connections below HTTP/2.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
        };
        using GrpcChannel channel = GrpcChannel.ForAddress(options.GatewayAddress, new GrpcChannelOptions { HttpHandler = handler, MaxReceiveMessageSize = 4 << 20 });
        using var session = new UplinkSession(options, store, signals, new Intake.IntakeClient(channel), time, metrics, _refusals, _logger, cancellationToken);
        string ended = "ended", reason;
        TimeSpan? after = null;
        try
        {
            SessionEnd end = await session.RunAsync().ConfigureAwait(false);
            (reason, after) = (end.Reason, end.ReconnectAfter);
            if (after is not null) ended = "draining";
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return (ended, null);
        }
        catch (Exception e)
        {
            ended = e is TimeoutException ? "silent" : "refused";
            reason = e is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : e.Message;
        }

        bool sustained = session.WelcomedAt is { } welcomed && time.GetElapsedTime(welcomed) >= options.SustainedSuccess;
        if (sustained)
        {
            backoff.Reset();
            _failures = 0;
        }

        // The first, and then ever more rarely: an outage is one event, not a thousand lines.
        if (BitOperations.IsPow2(++_failures)) _logger.Disconnected(options.GatewayAddress.Authority, reason, _failures);
        return (ended, after);
    }

    private async Task SaveAcksAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(options.SaveAcksInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            store.SaveAcks();
        }
    }
}
