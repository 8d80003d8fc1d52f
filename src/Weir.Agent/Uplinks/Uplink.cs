using Grpc.Core;
using Grpc.Net.Client;
using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>Keeps a connection to the gateway and carries the spool there.</summary>
internal sealed class Uplink(UplinkOptions options, AgentStore store, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan SaveAcksInterval = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<Uplink>();

    /// <summary>Sends until cancelled; connects again whatever happens.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            // A dead connection is found out by heartbeats; these pings find out half-open ones below HTTP/2.
            KeepAlivePingDelay = TimeSpan.FromSeconds(60),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        using GrpcChannel channel = GrpcChannel.ForAddress(options.GatewayAddress, new GrpcChannelOptions
        {
            HttpHandler = handler,
            MaxReceiveMessageSize = 4 << 20,
            DisposeHttpClient = false,
        });
        var client = new Intake.IntakeClient(channel);
        var backoff = new Backoff(options.FirstDelay, options.MaxDelay, Random.Shared);
        Task saving = SaveAcksAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            long started = time.GetTimestamp();
            try
            {
                using var session = new UplinkSession(options, store, client, time, _logger, cancellationToken);
                await session.RunAsync(cancellationToken).ConfigureAwait(false);
                _logger.Disconnected(options.GatewayAddress.Authority, "the gateway ended the stream");
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                _logger.Disconnected(options.GatewayAddress.Authority, e is RpcException rpc ? rpc.Status.Detail : e.Message);
            }

            if (time.GetElapsedTime(started) >= options.SustainedSuccess) backoff.Reset();
            await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await saving.ConfigureAwait(false);
    }

    private async Task SaveAcksAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(SaveAcksInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                store.SaveAcks();
            }
            catch (IOException e)
            {
                // Only costs that these entries are sent once more after a restart.
                _logger.AcksNotSaved(e);
            }
        }
    }
}
