using Grpc.Core;
using Grpc.AspNetCore.Server;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>The gRPC service: judges Hello, then hands the stream to an <see cref="AgentStream"/>.</summary>
internal sealed class IntakeService(GatewayContext context) : Intake.IntakeBase
{
    private const uint ProtocolVersion = 1;
    private const string Tenant = "default";

    /// <inheritdoc/>
    public override async Task Stream(IAsyncStreamReader<ToGateway> requestStream, IServerStreamWriter<ToAgent> responseStream, ServerCallContext call)
    {
        GatewayInstance gateway = context.Gateways.Of(call.GetHttpContext().Connection.LocalPort)
            ?? throw new RpcException(new Status(StatusCode.Unimplemented, "this listener is not a gateway: agents connect to the gRPC address that 'weir up' prints"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, gateway.Stopping);
        if (stop.IsCancellationRequested) throw Refuse(gateway, call, StatusCode.Unavailable, "the gateway is stopping");
        gateway.StreamOpened();
        try
        {
            Hello hello = await ReadHelloAsync(gateway, requestStream, call, stop.Token);
            if (!AgentId.TryRead(hello.AgentId.Span, out AgentId agent)) throw Refuse(gateway, call, StatusCode.InvalidArgument, "Hello names no agent id (16 bytes, not all zero)");
            if (hello.ProtocolMin > ProtocolVersion || hello.ProtocolMax < ProtocolVersion)
                throw Refuse(gateway, call, StatusCode.FailedPrecondition, $"this gateway speaks protocol {ProtocolVersion}, the agent {hello.ProtocolMin} to {hello.ProtocolMax}");

            context.Logger.AgentConnected(gateway.Id, agent.ToString(), call.Peer, hello.AgentVersion);
            await responseStream.WriteAsync(new ToAgent { Welcome = Welcome(gateway) }, stop.Token);
            var stream = new AgentStream(context, gateway, responseStream, Tenant, agent);
            context.Directives.Register(Tenant, agent, stream);
            try
            {
                await stream.RunAsync(requestStream, stop.Token);
            }
            finally
            {
                context.Directives.Unregister(Tenant, agent, stream);
                context.Logger.AgentDisconnected(gateway.Id, agent.ToString());
            }
        }
        catch (OperationCanceledException)
        {
            // A stopping gateway breaks its streams off; the agent reconnects elsewhere and sends again what is not acked.
            throw new RpcException(new Status(StatusCode.Unavailable, gateway.Stopping.IsCancellationRequested ? "the gateway is stopping" : "the stream was silent too long"));
        }
        finally
        {
            gateway.StreamClosed();
        }
    }

    private async Task<Hello> ReadHelloAsync(GatewayInstance gateway, IAsyncStreamReader<ToGateway> requests, ServerCallContext call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(context.Options.HelloLimit);
        if (await requests.MoveNext(limit.Token) && requests.Current.MessageCase == ToGateway.MessageOneofCase.Hello) return requests.Current.Hello;
        throw Refuse(gateway, call, StatusCode.InvalidArgument, "the first message of a stream is Hello");
    }

    private Welcome Welcome(GatewayInstance gateway) => new()
    {
        Protocol = ProtocolVersion,
        GatewayId = gateway.Id,
        CreditBytes = (uint)context.Options.CreditBytes,
        MaxEntryBytes = Frames.FrameLimits.MaxEntryBytes,
        MaxBatchBytes = (uint)context.Options.MaxBatchBytes,
        Codecs = { (uint)Frames.CodecId.Plain, (uint)Frames.CodecId.Profiled },
        GatewayTimeMs = context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    private RpcException Refuse(GatewayInstance gateway, ServerCallContext call, StatusCode code, string reason)
    {
        context.Logger.StreamRefused(gateway.Id, call.Peer, reason);
        return new RpcException(new Status(code, reason));
    }
}
