using Grpc.Core;
using Grpc.Net.Client;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>One bidirectional gRPC stream.</summary>
internal sealed class StreamLink : IGatewayLink
{
    private const int MaxMessageBytes = 4 << 20;

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<ToGateway, ToAgent> _call;

    /// <summary>Begins a stream.</summary>
    public StreamLink(Uri gateway, SocketsHttpHandler handler, CancellationToken cancellationToken)
    {
        _channel = GrpcChannel.ForAddress(gateway, new GrpcChannelOptions { HttpHandler = handler, MaxReceiveMessageSize = MaxMessageBytes, CompressionProviders = [] });
        _call = new Intake.IntakeClient(_channel).Stream(cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public Task WriteAsync(ToGateway message, CancellationToken cancellationToken) => _call.RequestStream.WriteAsync(message, cancellationToken);

    /// <inheritdoc/>
    public async Task<ToAgent?> ReadAsync(CancellationToken cancellationToken) =>
        await _call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false) ? _call.ResponseStream.Current : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }
}
