using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>The gRPC service: judges Hello, then hands the stream to an <see cref="AgentStream"/>.</summary>
internal sealed class IntakeService(GatewayContext context) : Intake.IntakeBase
{
    private const uint ProtocolVersion = 1;
    private const int MaxFormerIds = 8;
    private static readonly TimeSpan LeastRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FullRetry = TimeSpan.FromMinutes(1);

    /// <summary>Trailer or header of a refusal: when to come back.</summary>
    public const string RetryAfter = "retry-after-ms";

    /// <inheritdoc/>
    public override Task Stream(IAsyncStreamReader<ToGateway> requestStream, IServerStreamWriter<ToAgent> responseStream, ServerCallContext call)
    {
        HttpContext http = call.GetHttpContext();
        GatewayInstance gateway = context.Gateways.Of(http.Connection.LocalPort)
            ?? throw new RpcException(new Status(StatusCode.Unimplemented, "this listener is not a gateway: agents connect to the gRPC address that 'weir up' prints"));
        Action? closeConnection = http.Features.Get<IConnectionLifetimeNotificationFeature>() is { } connection ? connection.RequestClose : null;
        AgentPeer? who = StreamIdentity.PeerOf(context.Identity, http, context.Time);
        return ServeAsync(gateway, call.Peer, who, closeConnection, requestStream, responseStream, call.CancellationToken);
    }

    /// <summary>Serves one agent's messages, whatever carries them, from Hello to the end.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="peer">Where they come from, for the log.</param>
    /// <param name="who">Whom the client certificate speaks for; null without TLS.</param>
    /// <param name="closeConnection">Lets the connection take no further streams.</param>
    /// <param name="requestStream">What the agent says.</param>
    /// <param name="responseStream">Where it listens.</param>
    /// <param name="cancellationToken">Cancelled when the agent is gone.</param>
    /// <exception cref="RpcException">The agent is refused, or is to connect again; the status says why.</exception>
    public async Task ServeAsync(
        GatewayInstance gateway, string peer, AgentPeer? who, Action? closeConnection, IAsyncStreamReader<ToGateway> requestStream, IServerStreamWriter<ToAgent> responseStream,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, gateway.Stopping);
        if (gateway.IsDraining || stop.IsCancellationRequested) throw Refuse(gateway, peer, StatusCode.Unavailable, "the gateway is stopping", gateway.Spread);
        if (!gateway.TryOpen()) throw Refuse(gateway, peer, StatusCode.ResourceExhausted, $"the gateway serves {context.Options.MaxStreams} streams, its limit", FullRetry);
        using TrustedStream? trusted = who is null ? null : context.Identity!.Streams.Add(who, stop);
        string tenant = who?.Tenant ?? AgentCaller.DefaultTenant;
        try
        {
            Hello hello = await ReadHelloAsync(gateway, requestStream, peer, stop.Token);
            if (!AgentId.TryRead(hello.AgentId.Span, out AgentId agent)) throw Refuse(gateway, peer, StatusCode.InvalidArgument, "Hello names no agent id (16 bytes, not all zero)");
            if (who is not null && who.Agent != agent) throw RefuseForged(gateway, peer, who, $"Hello names agent {agent}, the certificate agent {who.Agent}");
            if (hello.ProtocolMin > ProtocolVersion || hello.ProtocolMax < ProtocolVersion)
                throw Refuse(gateway, peer, StatusCode.FailedPrecondition, $"this gateway speaks protocol {ProtocolVersion}, the agent {hello.ProtocolMin} to {hello.ProtocolMax}");

            AgentId[] former = [.. hello.FormerAgentIds.Select(id => AgentId.TryRead(id.Span, out AgentId each) ? each : default).Where(id => id != agent)];
            if (former.Length > MaxFormerIds || Array.Exists(former, static id => id.IsEmpty))
                throw Refuse(gateway, peer, StatusCode.InvalidArgument, $"Hello names former agent ids of another form than 16 bytes, or more than {MaxFormerIds}");
            if (who is not null && Array.Exists(former, id => !who.SpeaksFor(id)))
                throw RefuseForged(gateway, peer, who, $"Hello names former agent ids that the certificate of agent {who.Agent} does not");
            context.Logger.AgentConnected(gateway.Id, agent.ToString(), peer, hello.AgentVersion);
            long share = gateway.BackfillShare;
            await responseStream.WriteAsync(new ToAgent { Welcome = Welcome(gateway, share) }, stop.Token);
            var stream = new AgentStream(context, gateway, responseStream, tenant, agent, former, peer, hello, share, closeConnection);
            if (trusted is not null) trusted.Drain = stream.Drain;
            gateway.Welcome(stream);
            if (context.Directives.Register(tenant, agent, former, stream) is { } older) stream.Clones = new CloneWatch(context, gateway, agent, older);
            try
            {
                await stream.RunAsync(requestStream, stop.Token);
            }
            finally
            {
                gateway.Forget(stream);
                stream.Clones = null;
                context.Directives.Unregister(tenant, agent, former, stream);
                context.Logger.AgentDisconnected(gateway.Id, agent.ToString());
            }
        }
        catch (Exception e) when (IsCancelled(e) && trusted is { Trust: not StreamTrust.Good })
        {
            throw StreamIdentity.Refused(context.Identity!, trusted.Peer, trusted.Trust);
        }
        catch (Exception e) when (IsCancelled(e))
        {
            // A stopping gateway breaks its streams off; the agent reconnects elsewhere and sends again what is not acked.
            throw new RpcException(new Status(StatusCode.Unavailable, gateway.Stopping.IsCancellationRequested ? "the gateway is stopping" : "the stream was silent, or stayed when asked to go, too long"));
        }
        finally
        {
            gateway.Close();
        }
    }

    // A read that is cancelled ends in either, as it happens to stand.
    private static bool IsCancelled(Exception e) => e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };

    private async Task<Hello> ReadHelloAsync(GatewayInstance gateway, IAsyncStreamReader<ToGateway> requests, string peer, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(context.Options.HelloLimit);
        if (await requests.MoveNext(limit.Token) && requests.Current.MessageCase == ToGateway.MessageOneofCase.Hello) return requests.Current.Hello;
        throw Refuse(gateway, peer, StatusCode.InvalidArgument, "the first message of a stream is Hello");
    }

    private Welcome Welcome(GatewayInstance gateway, long backfillShare) => new()
    {
        Protocol = ProtocolVersion,
        GatewayId = gateway.Id,
        CreditBytes = (uint)context.Options.CreditBytes,
        MaxEntryBytes = Frames.FrameLimits.MaxEntryBytes,
        MaxBatchBytes = (uint)context.Options.MaxBatchBytes,
        Codecs = { (uint)Frames.CodecId.Plain, (uint)Frames.CodecId.Profiled },
        BackfillBytesPerS = (ulong)backfillShare,
        GatewayTimeMs = context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    private RpcException RefuseForged(GatewayInstance gateway, string peer, AgentPeer who, string reason)
    {
        context.Identity!.NoteUntrusted(who, "forged");
        return Refuse(gateway, peer, StatusCode.PermissionDenied, reason);
    }

    // Told when to come back, each at another time: a fleet that is refused as one must not return as one.
    private RpcException Refuse(GatewayInstance gateway, string peer, StatusCode code, string reason, TimeSpan retrySpread = default)
    {
        if (context.Refusals.Passes(out long hidden)) context.Logger.StreamRefused(gateway.Id, peer, reason, hidden);
        if (retrySpread == default) return new RpcException(new Status(code, reason));
        TimeSpan after = LeastRetry + (retrySpread * Random.Shared.NextDouble());
        return new RpcException(new Status(code, reason), new Metadata { { RetryAfter, ((long)after.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) } });
    }
}
