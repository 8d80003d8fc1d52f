using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>What carries messages between a session and its gateway. One reader and one writer at a time.</summary>
internal interface IGatewayLink : IDisposable
{
    /// <summary>Sends a message. It is not needed any more when the call completes.</summary>
    /// <exception cref="Grpc.Core.RpcException">The link is broken.</exception>
    Task WriteAsync(ToGateway message, CancellationToken cancellationToken);

    /// <summary>The next message; null where the gateway ended the stream.</summary>
    /// <exception cref="Grpc.Core.RpcException">The gateway refused or broke off.</exception>
    Task<ToAgent?> ReadAsync(CancellationToken cancellationToken);
}
