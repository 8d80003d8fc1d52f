using System.Threading.Channels;
using Grpc.Core;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>The gateway's service: hands each stream to the test.</summary>
internal sealed class ScriptedIntake : Intake.IntakeBase
{
    private readonly Channel<GatewayConnection> _connections = Channel.CreateBounded<GatewayConnection>(64);

    public ValueTask<GatewayConnection> NextAsync(CancellationToken cancellationToken) => _connections.Reader.ReadAsync(cancellationToken);

    public override async Task Stream(IAsyncStreamReader<ToGateway> requestStream, IServerStreamWriter<ToAgent> responseStream, ServerCallContext context)
    {
        var connection = new GatewayConnection(responseStream);
        await _connections.Writer.WriteAsync(connection, context.CancellationToken);
        Task reading = ReadAsync(requestStream, connection, context.CancellationToken);
        await await Task.WhenAny(connection.Ended, reading);
    }

    private static async Task ReadAsync(IAsyncStreamReader<ToGateway> requests, GatewayConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken)) await connection.Messages.WriteAsync(requests.Current, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException)
        {
            // The agent broke off: the test sees it by Closed.
        }
        finally
        {
            connection.Messages.TryComplete();
        }
    }
}
