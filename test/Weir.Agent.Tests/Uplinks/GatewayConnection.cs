using System.Threading.Channels;
using Grpc.Core;
using Weir.Frames;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>One agent's stream as a test drives it: reads what the agent says, answers as the test says.</summary>
internal sealed class GatewayConnection(IServerStreamWriter<ToAgent> responses)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<ToGateway> _messages = Channel.CreateBounded<ToGateway>(4096);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>Completes when the agent's side has ended.</summary>
    public Task Closed => _messages.Reader.Completion;

    /// <summary>Completes when the test ends the stream.</summary>
    public Task Ended => _end.Task;

    public ChannelWriter<ToGateway> Messages => _messages.Writer;

    /// <summary>Ends the stream, well or badly.</summary>
    public void End(StatusCode? status = null, params Metadata.Entry[] trailers)
    {
        if (status is { } code) _end.TrySetException(new RpcException(new Status(code, "as the test says"), [.. trailers]));
        else _end.TrySetResult();
    }

    public async Task<ToGateway> ReadAsync() => await _messages.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    /// <summary>What the agent has said so far and nobody has read.</summary>
    public bool TryRead(out ToGateway? message) => _messages.Reader.TryRead(out message);

    public async Task<Hello> ReadHelloAsync() => (await ReadAsync()).Hello ?? throw new InvalidOperationException("the first message is not Hello");

    public async Task<Batch> ReadBatchAsync()
    {
        while (true)
            if ((await ReadAsync()).Batch is { } batch) return batch;
    }

    public async Task<DirectiveResult> ReadResultAsync()
    {
        while (true)
            if ((await ReadAsync()).DirectiveResult is { } result) return result;
    }

    /// <summary>Reads Hello and welcomes the agent.</summary>
    public async Task<Hello> WelcomeAsync(uint credit = 4 << 20, uint maxBatch = 1 << 20, bool profiled = true, ulong backfill = 0)
    {
        Hello hello = await ReadHelloAsync();
        var welcome = new Welcome { Protocol = 1, GatewayId = "test", CreditBytes = credit, MaxEntryBytes = 1 << 20, MaxBatchBytes = maxBatch, BackfillBytesPerS = backfill };
        if (profiled) welcome.Codecs.AddRange([0, 1]);
        await SendAsync(new ToAgent { Welcome = welcome });
        return hello;
    }

    public async Task SendAsync(ToAgent message)
    {
        await _writing.WaitAsync();
        try
        {
            await responses.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task AnswerAsync(params Answer[] answers) => SendAsync(new ToAgent { Answers = new Answers { Answers_ = { answers } } });

    public Task AckAsync(Batch batch) => AnswerAsync(Ack(batch, [.. SeqsOf(batch)]));

    public Task RetryAsync(Batch batch, RetryScope scope, uint afterMs) =>
        AnswerAsync(new Answer { Batch = batch.Number, Retry = new Retry { Epoch = batch.Epoch, Seqs = { Ranges([.. SeqsOf(batch)]) }, AfterMs = afterMs, Scope = scope } });

    public static Answer Ack(Batch batch, params ulong[] seqs) => new() { Batch = batch.Number, Ack = new Ack { Epoch = batch.Epoch, Seqs = { Ranges(seqs) } } };

    public static Answer Need(Batch batch, ulong seq, params ulong[] objects) =>
        new() { Batch = batch.Number, Need = new Need { Epoch = batch.Epoch, Seqs = { Ranges([seq]) }, Objects = { objects } } };

    public static Answer Reject(Batch batch, RejectReason reason, params uint[] indexes) =>
        new() { Batch = batch.Number, Reject = new Reject { Reason = reason, Indexes = { indexes } } };

    public static IEnumerable<ulong> SeqsOf(Batch batch) => HeadersOf(batch).Select(static header => header.Seq);

    public static List<EntryHeader> HeadersOf(Batch batch)
    {
        var headers = new List<EntryHeader>();
        EntryRun.Enumerator run = EntryRun.Read(batch.Entries.Span);
        while (run.MoveNext())
        {
            Assert.Equal(EntryError.None, EntryHeader.TryRead(run.Current, out EntryHeader header));
            headers.Add(header);
        }

        Assert.False(run.Torn);
        return headers;
    }

    private static IEnumerable<SeqRange> Ranges(ulong[] seqs) => seqs.Select(static seq => new SeqRange { First = seq, Last = seq });
}
