using System.Threading.Channels;
using Grpc.Core;
using Weir.Gateway.Identity;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>An agent's stream whose messages come and go by POST: what has come is read as from a stream, what is said waits for the POST to take it along.</summary>
internal sealed class PostSession : IAsyncStreamReader<ToGateway>, IServerStreamWriter<ToAgent>
{
    private const int MaxWaiting = 64;

    private readonly Channel<ToGateway> _requests = Channel.CreateBounded<ToGateway>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Channel<ToAgent> _responses = Channel.CreateBounded<ToAgent>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private Task _served = Task.CompletedTask;
    private int _exchanging;

    /// <inheritdoc/>
    public ToGateway Current { get; private set; } = new();

    /// <inheritdoc/>
    public WriteOptions? WriteOptions { get; set; }

    /// <summary>Whom the client certificate speaks for that the session began with; null without TLS.</summary>
    public AgentPeer? Who { get; init; }

    /// <summary>Begins to serve.</summary>
    /// <param name="serve">Serves this as a stream until it ends.</param>
    public void Begin(Func<PostSession, Task> serve) => _served = ServeAsync(serve);

    /// <inheritdoc/>
    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (!await _requests.Reader.WaitToReadAsync(cancellationToken) || !_requests.Reader.TryRead(out ToGateway? message)) return false;
        Current = message;
        return true;
    }

    /// <inheritdoc/>
    public Task WriteAsync(ToAgent message) => WriteAsync(message, CancellationToken.None);

    /// <inheritdoc/>
    public Task WriteAsync(ToAgent message, CancellationToken cancellationToken) => _responses.Writer.WriteAsync(message, cancellationToken).AsTask();

    /// <summary>Hands messages over and gathers what is said until the last of them is answered.</summary>
    /// <returns>What was said; null where another exchange is under way.</returns>
    /// <exception cref="RpcException">The stream was refused or has ended.</exception>
    public async Task<List<ToAgent>?> ExchangeAsync(IReadOnlyList<ToGateway> messages, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _exchanging, 1) != 0) return null;
        try
        {
            // Answers keep their order: the answer to the last sign of life comes behind all others. What is said later goes with the next POST.
            int open = messages.Count(static message => message.Heartbeat is not null) + 1;
            Task handing = HandOverAsync([.. messages, new ToGateway { Heartbeat = new Heartbeat() }], cancellationToken);
            var said = new List<ToAgent>();
            while (open > 0 && await _responses.Reader.WaitToReadAsync(cancellationToken))
            {
                while (open > 0 && _responses.Reader.TryRead(out ToAgent? message))
                {
                    said.Add(message);
                    if (message.Answers is { Answers_.Count: 0 }) open--;
                }
            }

            // Ended before it was answered: the reason, unless something was still said.
            if (said.Count == 0) await _served;
            if (said.Count == 0) throw new RpcException(new Status(StatusCode.Unavailable, "the session has ended: begin a new one with Hello"));
            await handing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return said;
        }
        finally
        {
            Volatile.Write(ref _exchanging, 0);
        }
    }

    private async Task HandOverAsync(IEnumerable<ToGateway> messages, CancellationToken cancellationToken)
    {
        foreach (ToGateway message in messages) await _requests.Writer.WriteAsync(message, cancellationToken);
    }

    private async Task ServeAsync(Func<PostSession, Task> serve)
    {
        try
        {
            await serve(this);
        }
        finally
        {
            _requests.Writer.TryComplete();
            _responses.Writer.TryComplete();
        }
    }
}
