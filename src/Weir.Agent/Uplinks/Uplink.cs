using System.Globalization;
using System.Net.Sockets;
using System.Numerics;
using Grpc.Core;
using Weir.Agent.Spooling;

namespace Weir.Agent.Uplinks;

/// <summary>Keeps a connection to one of the gateways and carries the spool there.</summary>
/// <remarks>
/// One connection at a time, each a new one below HTTP/2 too: what is left of a dead connection is not used again. Where one gateway fails, the next is
/// tried after the first delay; the delay grows once all have failed.
/// </remarks>
internal sealed class Uplink(UplinkOptions options, AgentStore store, DeliverySignals signals, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>Trailer or header of a refusal: when to come back, in ms.</summary>
    public const string RetryAfterKey = "retry-after-ms";

    private readonly ILogger _logger = loggers.CreateLogger<Uplink>();
    private readonly Dictionary<Uri, LinkChoice> _links = options.Gateways.Distinct().ToDictionary(static gateway => gateway, _ => new LinkChoice(options.Transport));
    private readonly RefusalCounts _refusals = new();
    private long _failures;

    /// <summary>Which way the backlog goes.</summary>
    public BacklogRoute Backlog { get; } = new();

    /// <summary>Sends until cancelled; connects again whatever happens. Does not fail.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var metrics = new UplinkMetrics();
        var choice = new GatewayChoice(options.Gateways, Random.Shared);
        var backoff = new Backoff(options.FirstDelay, options.MaxDelay, Random.Shared);
        Task saving = SaveAcksAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            (string ended, TimeSpan? after) = await ConnectAsync(choice, metrics, backoff, cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested) break;
            choice.Failed();
            // What the gateway asks for wins over our own guess, and another one may be up.
            TimeSpan delay = after ?? (choice.IsRoundOver ? backoff.Next() : options.FirstDelay * Random.Shared.NextDouble());
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            metrics.Reconnecting(ended);
        }

        await saving.ConfigureAwait(false);
    }

    private async Task<(string Ended, TimeSpan? After)> ConnectAsync(GatewayChoice choice, UplinkMetrics metrics, Backoff backoff, CancellationToken cancellationToken)
    {
        Uri gateway = choice.Current;
        SocketsHttpHandler handler;
        try
        {
            handler = await options.Connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ("ended", null);
        }

        using SocketsHttpHandler disposed = handler;
        handler.ConnectTimeout = options.ConnectTimeout;
        // A silent gateway is found out by heartbeats; these pings find out half-open connections below HTTP/2.
        handler.KeepAlivePingDelay = options.PingDelay;
        handler.KeepAlivePingTimeout = options.PingTimeout;
        handler.PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan;
        LinkChoice link = _links[gateway];
        bool isPost = link.IsPost;
        UplinkSession? session = null;
        string ended = "ended", reason;
        TimeSpan? after = null;
        _logger.Connecting(gateway.Authority);
        try
        {
            session = new UplinkSession(
                gateway, options, store, signals, stop => isPost ? new PostLink(gateway, handler, stop) : new StreamLink(gateway, handler, stop), time, metrics, _refusals, Backlog, _logger, cancellationToken);
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
            if (e is RpcException { StatusCode: StatusCode.Unauthenticated }) options.Connector.RenewSoon();
            (reason, after) = e is RpcException rpc ? (ReasonOf(rpc), RetryAfter(rpc)) : (e.Message, null);
            if (session is { WelcomedAt: null }) link.Failed(e);
        }
        finally
        {
            session?.Dispose();
        }

        if (session?.WelcomedAt is not null)
        {
            choice.Welcomed();
            link.Ended();
        }

        bool sustained = session?.WelcomedAt is { } welcomed && time.GetElapsedTime(welcomed) >= options.SustainedSuccess;
        if (sustained)
        {
            backoff.Reset();
            _failures = 0;
        }

        // A warning the first time, and then ever more rarely: an outage is one event, not a thousand lines.
        if (BitOperations.IsPow2(++_failures)) _logger.Disconnected(gateway.Authority, reason, _failures);
        else _logger.StillDisconnected(gateway.Authority, reason, _failures);
        return (ended, after);
    }

    // What the system says where nobody answered; the client's own words name its parts.
    private static string ReasonOf(RpcException rpc) => rpc.Status.DebugException?.GetBaseException() is SocketException socket ? socket.Message : $"{rpc.StatusCode}: {rpc.Status.Detail}";

    // The gateway knows when to come back, the agent that it must not come back too late.
    private TimeSpan? RetryAfter(RpcException refused)
    {
        if (!uint.TryParse(refused.Trailers.GetValue(RetryAfterKey), NumberStyles.None, CultureInfo.InvariantCulture, out uint ms)) return null;
        TimeSpan asked = TimeSpan.FromMilliseconds(ms);
        return asked < options.LongestWait ? asked : options.LongestWait;
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
