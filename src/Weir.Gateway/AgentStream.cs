using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>One agent's stream: reads batches, starts their appends and answers each in the order they came.</summary>
/// <remarks>
/// Reading and answering are two loops joined by a bounded queue: the queue full, nothing more is read, and the pressure
/// reaches the agent through HTTP/2 flow control. Only the answering loop writes to the stream.
/// </remarks>
internal sealed class AgentStream
{
    private const int MaxJoinedAnswers = 256;
    private const int MaxPendingAnswers = 256;
    private const int LooksPerSilence = 10;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BacklogMemory = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AgeSpread = TimeSpan.FromSeconds(1);
    private const uint VersionRetryMs = 300_000;
    private const uint OverloadRetryMs = 1000;

    private readonly GatewayContext _context;
    private readonly GatewayInstance _gateway;
    private readonly IServerStreamWriter<ToAgent> _responses;
    private readonly string _tenant;
    private readonly AgentId _agent;
    private readonly StreamName[] _names;
    private readonly Action? _closeConnection;
    private readonly TimeSpan _silenceLimit;
    private readonly TimeSpan _age;

    // The answering loop goes on in the midst of the reading one: it only starts to wait for an append, or to write.
    private readonly Channel<PendingAnswer> _pending = Channel.CreateBounded<PendingAnswer>(
        new BoundedChannelOptions(MaxPendingAnswers) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly DirectiveAnswers _directives = new();
    private readonly long _openedAt;
    private (uint StartNumber, ulong Epoch) _newest;
    private long _heardAt;
    private long _unanswered;
    private long _backlogAt;
    private long _drainedAt;
    private long _granted;

    /// <summary>Makes the stream of a welcomed agent.</summary>
    /// <param name="context">What the gateways share.</param>
    /// <param name="gateway">The gateway.</param>
    /// <param name="responses">Where the agent listens.</param>
    /// <param name="tenant">The agent's tenant.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="former">Ids that it has had, whose entries it may send too.</param>
    /// <param name="peer">Where it connects from.</param>
    /// <param name="hello">What it said.</param>
    /// <param name="granted">The share of backfill that it was told.</param>
    /// <param name="closeConnection">Lets the connection take no further streams.</param>
    public AgentStream(
        GatewayContext context, GatewayInstance gateway, IServerStreamWriter<ToAgent> responses, string tenant, AgentId agent, IReadOnlyList<AgentId> former, string peer, Hello hello, long granted, Action? closeConnection)
    {
        Peer = peer;
        _closeConnection = closeConnection;
        _granted = granted;
        _openedAt = context.Time.GetTimestamp();
        _silenceLimit = SilenceLimit(context.Options, hello.HeartbeatMs);
        _age = context.Options.StreamAge * (0.5 + (Random.Shared.NextDouble() / 2));
        _context = context;
        _gateway = gateway;
        _responses = responses;
        _tenant = tenant;
        _agent = agent;
        _names = [.. former.Prepend(agent).Select(name => new StreamName(name, name.Partition(context.Log.PartitionCount), new BatchIntake(context.Metrics)))];
        TakeEpochs(hello.Epochs);
    }

    /// <summary>Whose it is.</summary>
    public AgentId Agent => _agent;

    /// <summary>Where it connects from.</summary>
    public string Peer { get; }

    /// <summary>When its agent was heard last, in the clock's timestamps.</summary>
    public long HeardAt => Volatile.Read(ref _heardAt);

    /// <summary>The epoch that its agent appends to, as far as it has said; 0 before.</summary>
    public ulong Epoch => _newest.Epoch;

    /// <summary>Watches whether an older stream of the same id lives on beside this one; null where there was none.</summary>
    public CloneWatch? Clones { get; set; }

    /// <summary>Queues a directive; false where the queue is full or closed.</summary>
    public bool TrySend(Directive directive, Action<DirectiveResult>? answered)
    {
        if (answered is not null) _directives.Expect(directive.Id, answered);
        return TrySend(new ToAgent { Directive = directive });
    }

    /// <summary>Whether entries of class BACKFILL came within the last seconds.</summary>
    public bool BringsBacklog => Volatile.Read(ref _backlogAt) is var at and not 0 && _context.Time.GetElapsedTime(at) < BacklogMemory;

    /// <summary>The agent brings a backlog, by this stream or beside it.</summary>
    public void NoteBacklog() => Volatile.Write(ref _backlogAt, _context.Time.GetTimestamp());

    /// <summary>Asks the agent to finish and to connect again after a while. Once; where it stays, its stream is broken off.</summary>
    public void Drain(TimeSpan after)
    {
        if (Interlocked.CompareExchange(ref _drainedAt, _context.Time.GetTimestamp(), 0) != 0) return;
        // A full queue: the agent does not listen, and is broken off when its time is over.
        TrySend(new ToAgent { Drain = new Drain { AfterMs = (uint)after.TotalMilliseconds } });
        _closeConnection?.Invoke();
    }

    /// <summary>Tells the agent what share of backfill it has, where that has changed by more than a quarter.</summary>
    public void Grant(long bytesPerSecond)
    {
        if (Math.Abs(bytesPerSecond - _granted) <= _granted / 4) return;
        if (TrySend(new ToAgent { Grant = new Grant { BackfillBytesPerS = (ulong)bytesPerSecond } })) _granted = bytesPerSecond;
    }

    /// <summary>Serves the stream until the agent ends it, falls silent or breaks off.</summary>
    public async Task RunAsync(IAsyncStreamReader<ToGateway> requests, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A write that is cancelled resets the call: the agent would be told neither status nor reason. Only one that does not listen is cut off.
        using var cutOff = new CancellationTokenSource();
        Volatile.Write(ref _heardAt, _context.Time.GetTimestamp());
        TimeSpan look = _context.Options.SilenceLimit / LooksPerSilence;
        await using ITimer watch = _context.Time.CreateTimer(_ => Look(stop), null, look, look);
        Task answering = AnswerAsync(cutOff.Token);
        try
        {
            await ReadAsync(requests, stop.Token);
        }
        finally
        {
            _pending.Writer.TryComplete();
            // Appends under way finish and are answered if the agent still listens.
            await answering.WaitAsync(TimeSpan.FromSeconds(5), _context.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await cutOff.CancelAsync();
        }
    }

    private bool TrySend(ToAgent message) => _pending.Writer.TryWrite(Said(message));

    private async Task ReadAsync(IAsyncStreamReader<ToGateway> requests, CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken))
        {
            Volatile.Write(ref _heardAt, _context.Time.GetTimestamp());
            ToGateway message = requests.Current;
            Clones?.Heard(this);
            switch (message.MessageCase)
            {
                case ToGateway.MessageOneofCase.Batch:
                    await TakeBatchAsync(message.Batch, cancellationToken);
                    break;
                case ToGateway.MessageOneofCase.DirectiveResult:
                    LogResult(message.DirectiveResult);
                    _directives.Take(message.DirectiveResult);
                    break;
                case ToGateway.MessageOneofCase.Heartbeat:
                    TakeEpochs(message.Heartbeat.Epochs);
                    // The agent hears that the gateway lives, too.
                    await SayAsync(new Answers(), cancellationToken);
                    break;
                default:
                    break;
            }
        }
    }

    // The newest by start number: an epoch that begins while the stream is open is said with the next heartbeat.
    private void TakeEpochs(IEnumerable<OpenEpoch> epochs)
    {
        foreach (OpenEpoch each in epochs)
            if (each.StartNumber >= _newest.StartNumber) _newest = (each.StartNumber, each.Epoch);
    }

    private void Look(CancellationTokenSource stop)
    {
        TimeProvider time = _context.Time;
        long drained = Volatile.Read(ref _drainedAt);
        if (time.GetElapsedTime(Volatile.Read(ref _heardAt)) >= _silenceLimit || (drained != 0 && time.GetElapsedTime(drained) >= _context.Options.DrainLimit)) Stop(stop);
        else if (drained == 0 && time.GetElapsedTime(_openedAt) >= _age) Drain(AgeSpread * Random.Shared.NextDouble());
    }

    private static void Stop(CancellationTokenSource stop)
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The stream has ended meanwhile: not every clock waits for its callbacks.
        }
    }

    // Three heartbeats and the delay of one on the way, as long as that is bearable.
    private static TimeSpan SilenceLimit(GatewayOptions options, uint heartbeatMs)
    {
        if (heartbeatMs == 0) return options.SilenceLimit;
        TimeSpan asked = TimeSpan.FromMilliseconds(heartbeatMs) * (options.SilenceLimit / Heartbeat);
        return asked < options.SilenceLimit ? options.SilenceLimit : asked > options.LongestSilence ? options.LongestSilence : asked;
    }

    private void LogResult(DirectiveResult result)
    {
        string directive = Convert.ToHexStringLower(result.Id.Span);
        if (result.Status == DirectiveStatus.Done) _context.Logger.DirectiveDone(_gateway.Id, _agent.ToString(), directive, result.Detail);
        else _context.Logger.DirectiveAnswered(_gateway.Id, _agent.ToString(), directive, result.Status.ToString(), result.Detail);
    }

    private async ValueTask TakeBatchAsync(Batch batch, CancellationToken cancellationToken)
    {
        long received = _context.Time.GetTimestamp();
        int bytes = batch.Entries.Length;
        _context.Metrics.Received(bytes);
        if (!AgentId.TryRead(batch.AgentId.Span, out AgentId named) || Array.Find(_names, name => name.Agent == named) is not { } name)
        {
            await RejectAsync(batch, RejectReason.ForgedName, cancellationToken);
            return;
        }

        if (bytes > _context.Options.MaxBatchBytes)
        {
            await RejectAsync(batch, RejectReason.Size, cancellationToken);
            return;
        }

        bool isBackfill = batch.Class == Protocol.V1.EntryClass.Backfill;
        if (isBackfill) NoteBacklog();
        // One batch above the credit may be on its way; who sends more without reading answers takes no more room from the others.
        bool room = Interlocked.Read(ref _unanswered) + bytes <= _context.Options.CreditBytes + _context.Options.MaxBatchBytes && _gateway.TryTake(bytes, isBackfill);
        var appends = new List<Task>();
        BatchAnswers answers = name.Intake.Take(batch, Header(batch, named), record =>
        {
            if (room) appends.Add(_context.Log.AppendAsync(Class(batch), name.Partition, record));
        });
        // Not given up once bytes are taken and appends under way: the answering loop empties the queue until it is completed, whether the agent listens or not.
        if (answers.Immediate(VersionRetryMs) is { } immediate)
            await SayAsync(immediate, room ? CancellationToken.None : cancellationToken);
        if (!room)
        {
            name.Intake.ForgetObjects();
            if (answers.Accepted.Count > 0)
                await SayAsync(answers.Retried(OverloadRetryMs, RetryScope.Overload), cancellationToken);
            return;
        }

        Interlocked.Add(ref _unanswered, bytes);
        await _pending.Writer.WriteAsync(new PendingAnswer(null, answers, appends.Count == 1 ? appends[0] : Task.WhenAll(appends), bytes, isBackfill, received, name.Intake), CancellationToken.None);
    }

    private ValueTask RejectAsync(Batch batch, RejectReason reason, CancellationToken cancellationToken)
    {
        _context.Metrics.Entry("reject");
        return SayAsync(BatchAnswers.RejectedWhole(batch.Number, reason), cancellationToken);
    }

    private ValueTask SayAsync(Answers answers, CancellationToken cancellationToken) => _pending.Writer.WriteAsync(Said(new ToAgent { Answers = answers }), cancellationToken);

    private static PendingAnswer Said(ToAgent message) => new(message, null, null, 0, false, 0);

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        bool connected = true;
        await foreach (PendingAnswer pending in _pending.Reader.ReadAllAsync(CancellationToken.None))
        {
            ToAgent? message = pending.Message;
            if (pending.Answers is { } answers) message = await AwaitAppendsAsync(pending, answers);
            message = await JoinAsync(message);
            if (message is null || !connected) continue;
            try
            {
                await _responses.WriteAsync(message, cancellationToken);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or RpcException)
            {
                // The agent is gone. The rest of the queue is still waited for, so that its bytes are given back.
                connected = false;
            }
        }
    }

    // What has become durable meanwhile, with the same flush as a rule, is said in the same message: one write to the connection instead of many.
    // Not in the answer to a heartbeat, which has none in it: a POST knows by these that all before it has been said.
    private async ValueTask<ToAgent?> JoinAsync(ToAgent? message)
    {
        for (int joined = 1; joined < MaxJoinedAnswers && message is null or { Answers.Answers_.Count: > 0 }; joined++)
        {
            if (!_pending.Reader.TryPeek(out PendingAnswer? next) || next is not { Answers: { } answers, Appends.IsCompleted: true }) break;
            _pending.Reader.TryRead(out _);
            ToAgent? more = await AwaitAppendsAsync(next, answers);
            if (message is null) message = more;
            else if (more is not null) message.Answers.Answers_.AddRange(more.Answers.Answers_);
        }

        return message;
    }

    private async Task<ToAgent?> AwaitAppendsAsync(PendingAnswer pending, BatchAnswers answers)
    {
        try
        {
            await pending.Appends!;
            _context.Metrics.Durable(_context.Time.GetElapsedTime(pending.Received));
            if (answers.Accepted.Count == 0) return null;
            // Its objects may have gone with an append before it.
            bool isWhole = answers.Generation == pending.Intake!.Generation;
            return new ToAgent { Answers = isWhole ? answers.Acked() : answers.Retried(OverloadRetryMs, RetryScope.Log) };
        }
        catch (LogException e)
        {
            pending.Intake!.Forget(answers.Generation);
            if (_context.FailedAppends.Passes(out long hidden)) _context.Logger.AppendFailed(e, _gateway.Id, _agent.ToString(), hidden);
            return new ToAgent { Answers = answers.Retried(OverloadRetryMs, RetryScope.Log) };
        }
        finally
        {
            _gateway.GiveBack(pending.Bytes, pending.IsBackfill);
            Interlocked.Add(ref _unanswered, -pending.Bytes);
        }
    }

    private RecordHeader Header(Batch batch, AgentId agent) => new()
    {
        Tenant = _tenant,
        AgentId = agent,
        Epoch = batch.Epoch,
        StartNumber = batch.StartNumber,
        Line = batch.Class == Protocol.V1.EntryClass.Backfill ? BusinessLine.Backfill : BusinessLine.Live,
        ReceivedMs = _context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        GatewayId = _gateway.Id,
    };

    private static LogClass Class(Batch batch) => batch.Class == Protocol.V1.EntryClass.Backfill ? LogClass.Backfill : LogClass.Live;

    /// <summary>An id under which entries may come: objects of one are none of another's.</summary>
    private sealed record StreamName(AgentId Agent, int Partition, BatchIntake Intake);

    /// <summary>Something to be said: a message at once, or answers once appends have ended.</summary>
    private sealed record PendingAnswer(ToAgent? Message, BatchAnswers? Answers, Task? Appends, int Bytes, bool IsBackfill, long Received, BatchIntake? Intake = null);
}
