using Google.Protobuf;
using Grpc.Core;
using Weir.Protocol.V1;

namespace Weir.Bench.Replay;

/// <summary>Sends one host's entries over one stream, as an agent does, until everything is acked.</summary>
/// <remarks>
/// NEED and RETRY are obeyed and counted; REJECT, a directive, an answer out of place, and a stream without ACK for 90 s while something
/// waits for it end the replay with a <see cref="ReplayFailedException"/>. No heartbeats: a frame leaves at least once a minute.
/// </remarks>
internal sealed class HostSender : IDisposable
{
    private static readonly TimeSpan AckLimit = TimeSpan.FromSeconds(90);

    private readonly ReplayHost _host;
    private readonly int _index;
    private readonly IEnumerator<ReplayEntry> _entries;
    private readonly int _batchFrames;
    private readonly ReplayPacer _pacer;
    private readonly ReplayTotals _totals;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _answered = new(0, 1);
    private AsyncDuplexStreamingCall<ToGateway, ToAgent>? _call;
    private HostOutbox? _outbox;
    private long _lastAck;

    public HostSender(ReplayHost host, int index, IEnumerable<ReplayEntry> entries, int batchFrames, ReplayPacer pacer, ReplayTotals totals, TimeProvider time)
    {
        _host = host;
        _index = index;
        _entries = entries.GetEnumerator();
        _batchFrames = batchFrames;
        _pacer = pacer;
        _totals = totals;
        _time = time;
    }

    /// <summary>Timestamp after the last batch was handed to the stream.</summary>
    public long SentAt { get; private set; }

    /// <summary>Timestamp of the last ACK.</summary>
    public long AckedAt { get; private set; }

    /// <summary>See <see cref="HostOutbox.AckLatencies"/>.</summary>
    public IReadOnlyList<AckLatency> AckLatencies => _outbox?.AckLatencies ?? [];

    /// <summary>Opens the stream: Hello, Welcome.</summary>
    public async Task OpenAsync(Intake.IntakeClient client, CancellationToken cancellationToken)
    {
        _call = client.Stream(cancellationToken: cancellationToken);
        var hello = new Hello
        {
            ProtocolMin = 1,
            ProtocolMax = 1,
            AgentId = UnsafeByteOperations.UnsafeWrap(_host.AgentId),
            AgentVersion = "bench",
            OsVersion = Environment.OSVersion.VersionString,
            AgentTimeMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        hello.Codecs.Add((uint)Weir.Frames.CodecId.Plain);
        hello.Epochs.Add(new OpenEpoch { Epoch = _host.Epoch, StartNumber = 1, OldestUnacked = 1, LastSeq = 1 });
        await _call.RequestStream.WriteAsync(new ToGateway { Hello = hello }, cancellationToken);
        if (!await _call.ResponseStream.MoveNext(cancellationToken) || _call.ResponseStream.Current.Welcome is not { } welcome)
            throw Failed("the gateway did not answer Hello with Welcome");
        if (welcome.CreditBytes == 0 || welcome.MaxBatchBytes == 0) throw Failed("the gateway grants no credit");
        _outbox = new HostOutbox(_entries, _batchFrames, _time)
        {
            CreditBytes = (int)Math.Min(welcome.CreditBytes, int.MaxValue),
            MaxBatchBytes = (int)Math.Min(welcome.MaxBatchBytes, int.MaxValue),
        };
    }

    /// <summary>Sends everything and waits until it is acked.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        (AsyncDuplexStreamingCall<ToGateway, ToAgent> call, HostOutbox outbox) = Opened();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = ReadAnswersAsync(call, outbox, stop.Token);
        Task writing = WriteBatchesAsync(call, outbox, stop.Token);
        // Whichever ends first in an error must end the other, or it waits for ever.
        await Task.WhenAny(reading, writing);
        if (reading.IsCompleted && !writing.IsCompleted) await stop.CancelAsync();
        try
        {
            if (reading.IsCompleted) await reading;
            await writing;
            await call.RequestStream.CompleteAsync();
            await reading;
        }
        catch (Exception)
        {
            await stop.CancelAsync();
            await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    public void Dispose()
    {
        _call?.Dispose();
        _entries.Dispose();
        _answered.Dispose();
    }

    private async Task WriteBatchesAsync(AsyncDuplexStreamingCall<ToGateway, ToAgent> call, HostOutbox outbox, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _lastAck, _time.GetTimestamp());
        while (!outbox.IsDone)
        {
            OutgoingBatch? batch = outbox.Take(tick => _pacer.UntilDue(_index, tick), out TimeSpan? wait);
            if (batch is null)
            {
                await _answered.WaitAsync(wait is { } limit && limit < AckLimit ? limit : AckLimit, cancellationToken);
                CheckProgress(outbox);
                continue;
            }

            ToGateway message = batch.ToMessage(_host);
            await call.RequestStream.WriteAsync(message, cancellationToken);
            SentAt = _time.GetTimestamp();
            _totals.OnSent(batch.NewSamples, batch.NewFrames, message.CalculateSize());
        }
    }

    private async Task ReadAnswersAsync(AsyncDuplexStreamingCall<ToGateway, ToAgent> call, HostOutbox outbox, CancellationToken cancellationToken)
    {
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            ToAgent message = call.ResponseStream.Current;
            if (message.Directive is { } directive) throw Failed($"the gateway sent a directive: {directive.ActionCase}");
            if (message.Answers is not { } answers) continue;
            foreach (Answer answer in answers.Answers_) Take(answer, outbox);
            if (_answered.CurrentCount == 0) _answered.Release();
        }

        if (!outbox.IsDone) throw Failed("the gateway closed the stream before everything was acked");
    }

    private void Take(Answer answer, HostOutbox outbox)
    {
        switch (answer.KindCase)
        {
            case Answer.KindOneofCase.Ack:
                foreach (ulong seq in Seqs(answer.Ack.Epoch, answer.Ack.Seqs)) _totals.OnAcked(outbox.OnAck(answer.Batch, seq));
                AckedAt = _time.GetTimestamp();
                Volatile.Write(ref _lastAck, AckedAt);
                break;
            case Answer.KindOneofCase.Retry when answer.Retry.Scope is RetryScope.Overload or RetryScope.Log:
                foreach (ulong seq in Seqs(answer.Retry.Epoch, answer.Retry.Seqs))
                {
                    outbox.OnRetry(answer.Batch, seq, TimeSpan.FromMilliseconds(answer.Retry.AfterMs));
                    _totals.OnRetried();
                }

                break;
            case Answer.KindOneofCase.Need:
                foreach (ulong seq in Seqs(answer.Need.Epoch, answer.Need.Seqs))
                {
                    outbox.OnNeed(answer.Batch, seq);
                    _totals.OnNeeded();
                }

                break;
            default:
                throw Failed($"the gateway does not take the entries of batch {answer.Batch}: {answer}");
        }
    }

    private IEnumerable<ulong> Seqs(ulong epoch, IEnumerable<SeqRange> ranges)
    {
        if (epoch != _host.Epoch) throw Failed($"the gateway answered for epoch {epoch:x16}, which is not this host's");
        foreach (SeqRange range in ranges)
            for (ulong seq = range.First; seq <= range.Last; seq++) yield return seq;
    }

    // Only silence while answers are due, or answers without an ACK, count: at real pace there is nothing to ack in between.
    private void CheckProgress(HostOutbox outbox)
    {
        if (!outbox.OwesAcks) Volatile.Write(ref _lastAck, _time.GetTimestamp());
        else if (_time.GetElapsedTime(Volatile.Read(ref _lastAck)) > AckLimit) throw Failed($"no ACK for {AckLimit.TotalSeconds} s");
    }

    private (AsyncDuplexStreamingCall<ToGateway, ToAgent> Call, HostOutbox Outbox) Opened() =>
        _call is { } call && _outbox is { } outbox ? (call, outbox) : throw new InvalidOperationException("the stream is not open");

    private ReplayFailedException Failed(string problem) => new($"{_host.Name}: {problem}");
}
