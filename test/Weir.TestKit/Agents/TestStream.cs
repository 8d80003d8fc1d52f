using System.Net.Security;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.TestKit.Agents;

/// <summary>A stream of an agent to a gateway, message by message.</summary>
public sealed class TestStream : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<ToGateway, ToAgent> _call;
    private ulong _batches;

    private TestStream(GrpcChannel channel, AsyncDuplexStreamingCall<ToGateway, ToAgent> call)
    {
        _channel = channel;
        _call = call;
    }

    /// <summary>What the gateway said to Hello.</summary>
    public Welcome Welcome { get; private set; } = new();

    /// <summary>Connects and says Hello; the answer is read.</summary>
    /// <param name="gateway">The gateway's address.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="heartbeatMs">How long the agent says it may be silent; 0 says nothing.</param>
    /// <param name="tls">How it speaks TLS; null: not.</param>
    /// <param name="say">Says more in Hello.</param>
    public static async Task<TestStream> ConnectAsync(
        Uri gateway, AgentId agent, CancellationToken cancellationToken, uint heartbeatMs = 0, SslClientAuthenticationOptions? tls = null, Action<Hello>? say = null)
    {
        TestStream stream = Open(gateway, cancellationToken, tls);
        try
        {
            var hello = new Hello { ProtocolMin = 1, ProtocolMax = 1, AgentId = Bytes(agent), AgentVersion = "test", HeartbeatMs = heartbeatMs };
            say?.Invoke(hello);
            // A gateway that refuses may end the call before Hello is written: what it answers says why, the failed write does not.
            Task said = stream.SendAsync(new ToGateway { Hello = hello }, cancellationToken);
            ToAgent answer = await stream.ReadAsync(cancellationToken);
            await said;
            if (answer.MessageCase != ToAgent.MessageOneofCase.Welcome) throw new InvalidOperationException($"{answer.MessageCase} instead of Welcome");
            stream.Welcome = answer.Welcome;
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Connects and says nothing.</summary>
    public static TestStream Open(Uri gateway, CancellationToken cancellationToken, SslClientAuthenticationOptions? tls = null)
    {
        var options = new GrpcChannelOptions { DisposeHttpClient = true };
        if (tls is not null) options.HttpHandler = new SocketsHttpHandler { SslOptions = tls };
        var channel = GrpcChannel.ForAddress(gateway, options);
        return new TestStream(channel, new Intake.IntakeClient(channel).Stream(cancellationToken: cancellationToken));
    }

    /// <summary>Sends any message.</summary>
    public Task SendAsync(ToGateway message, CancellationToken cancellationToken) => _call.RequestStream.WriteAsync(message, cancellationToken);

    /// <summary>Sends entries as one batch.</summary>
    /// <returns>The batch's number.</returns>
    public async Task<ulong> SendAsync(TestAgent agent, IEnumerable<byte[]> entries, CancellationToken cancellationToken, EntryClass entryClass = EntryClass.Live)
    {
        var run = new ByteWriter();
        foreach (byte[] entry in entries) EntryRun.Append(run, entry);
        return await SendRunAsync(agent, agent.Id, run.Written.ToArray(), cancellationToken, entryClass);
    }

    /// <summary>Sends a run of any bytes under any name.</summary>
    /// <returns>The batch's number.</returns>
    public async Task<ulong> SendRunAsync(TestAgent agent, AgentId name, byte[] run, CancellationToken cancellationToken, EntryClass entryClass = EntryClass.Live)
    {
        var batch = new Batch
        {
            Number = ++_batches,
            AgentId = Bytes(name),
            Epoch = agent.Epoch,
            StartNumber = 1,
            Class = entryClass,
            Entries = UnsafeByteOperations.UnsafeWrap(run),
        };
        await SendAsync(new ToGateway { Batch = batch }, cancellationToken);
        return batch.Number;
    }

    /// <summary>The next message.</summary>
    /// <exception cref="EndOfStreamException">The gateway ended the stream.</exception>
    public async Task<ToAgent> ReadAsync(CancellationToken cancellationToken) =>
        await _call.ResponseStream.MoveNext(cancellationToken) ? _call.ResponseStream.Current : throw new EndOfStreamException();

    /// <summary>The next message with answers in it.</summary>
    public async Task<IReadOnlyList<Answer>> ReadAnswersAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ToAgent message = await ReadAsync(cancellationToken);
            if (message.MessageCase == ToAgent.MessageOneofCase.Answers && message.Answers.Answers_.Count > 0) return message.Answers.Answers_;
        }
    }

    /// <summary>Sends entries and waits until all of them are acknowledged.</summary>
    public async Task DeliverAsync(TestAgent agent, IReadOnlyCollection<byte[]> entries, CancellationToken cancellationToken)
    {
        await SendAsync(agent, entries, cancellationToken);
        int acknowledged = 0;
        while (acknowledged < entries.Count)
        {
            foreach (Answer answer in await ReadAnswersAsync(cancellationToken))
            {
                if (answer.KindCase != Answer.KindOneofCase.Ack) throw new InvalidOperationException($"{answer} instead of an ack");
                acknowledged += answer.Ack.Seqs.Sum(static range => (int)(range.Last - range.First + 1));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    /// <summary>Whether this is how a gateway ends a stream that it has drained.</summary>
    /// <remarks>
    /// The connection closes (GOAWAY, NO_ERROR) behind the last of its streams. A reader that has not read the status by then is told of the
    /// connection's end in its place: .NET's client counts a stream whose sender was still open as broken by it.
    /// </remarks>
    /// <param name="end">How it ended.</param>
    /// <param name="status">The status that the gateway gave.</param>
    public static bool IsDrainedEnd(RpcException end, StatusCode status) =>
        end.StatusCode == status || end is { StatusCode: StatusCode.Internal, Status.DebugException: HttpProtocolException { ErrorCode: 0 } };

    /// <summary>An id as messages have it.</summary>
    public static ByteString Bytes(AgentId id)
    {
        var bytes = new byte[AgentId.Size];
        id.Write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
