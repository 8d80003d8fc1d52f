using Google.Protobuf;
using Grpc.Core;
using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>One connection to a gateway, from Hello to its end.</summary>
/// <remarks>
/// A sending and a receiving loop share the queue and the list of what is unanswered under one lock. Nothing is settled but by an
/// answer, so whatever ends the session, the next one sends the rest again.
/// </remarks>
internal sealed class UplinkSession : IDisposable
{
    private const int MaxAttempts = 3;
    private const int MaxControlMessages = 64;

    private readonly Lock _lock = new();
    private readonly UplinkOptions _options;
    private readonly AgentStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AsyncDuplexStreamingCall<ToGateway, ToAgent> _call;
    private readonly SentBatches _sent = new();
    private readonly SendQueue _queue;
    private readonly Queue<ToGateway> _control = new();
    private readonly Dictionary<(ulong Epoch, ulong Seq), int> _attempts = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ByteWriter _run = new(64 * 1024);
    private long _heard;
    private ulong _batches;
    private int _credit;
    private int _maxBatch;

    public UplinkSession(UplinkOptions options, AgentStore store, Intake.IntakeClient client, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        _options = options;
        _store = store;
        _time = time;
        _logger = logger;
        _queue = new SendQueue(store, _sent, options.LiveAge, time);
        _call = client.Stream(cancellationToken: cancellationToken);
    }

    /// <summary>Serves the connection until it ends.</summary>
    /// <exception cref="RpcException">The gateway refused or broke off.</exception>
    /// <exception cref="TimeoutException">The gateway fell silent.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Welcome welcome = await GreetAsync(cancellationToken).ConfigureAwait(false);
        _credit = (int)Math.Clamp(welcome.CreditBytes, FrameLimits.MaxEntryBytes, int.MaxValue);
        _maxBatch = (int)Math.Min(_options.MaxBatchBytes, welcome.MaxBatchBytes);
        _logger.Connected(_options.GatewayAddress.Authority, welcome.GatewayId);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task receiving = ReceiveAsync(stop.Token);
        Task sending = SendAsync(stop.Token);
        Task ended = await Task.WhenAny(receiving, sending).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(receiving, sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _queue.Dispose();
        _wake.Dispose();
    }

    private async Task<Welcome> GreetAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ConnectTimeout);
        var id = new byte[Log.AgentId.Size];
        _store.AgentId.Write(id);
        var hello = new Hello
        {
            ProtocolMin = 1,
            ProtocolMax = 1,
            AgentId = UnsafeByteOperations.UnsafeWrap(id),
            AgentVersion = _options.AgentVersion,
            OsVersion = _options.OsVersion,
            AgentTimeMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            Codecs = { (uint)CodecId.Plain },
            Epochs = { OpenEpochs() },
        };
        try
        {
            await _call.RequestStream.WriteAsync(new ToGateway { Hello = hello }, limit.Token).ConfigureAwait(false);
            if (!await _call.ResponseStream.MoveNext(limit.Token).ConfigureAwait(false) || _call.ResponseStream.Current.MessageCase != ToAgent.MessageOneofCase.Welcome)
                throw new RpcException(new Status(StatusCode.Internal, "the gateway did not answer Hello with Welcome"));
        }
        catch (Exception e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new TimeoutException($"no Welcome within {_options.ConnectTimeout.TotalSeconds:0} s", e);
        }

        _heard = _time.GetTimestamp();
        return _call.ResponseStream.Current.Welcome;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTakeControl(out ToGateway? control))
            {
                await _call.RequestStream.WriteAsync(control!, cancellationToken).ConfigureAwait(false);
                continue;
            }

            bool taken = TryTakeBatch(out Batch? batch, out (SpooledEntry Entry, DropReason Reason)? lost);
            if (taken) await _call.RequestStream.WriteAsync(new ToGateway { Batch = batch }, cancellationToken).ConfigureAwait(false);
            if (lost is { } gone) await _store.BuryAsync(gone.Entry, gone.Reason, cancellationToken).ConfigureAwait(false);
            else if (!taken) await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryTakeControl(out ToGateway? message)
    {
        lock (_lock) return _control.TryDequeue(out message);
    }

    // Entries of one epoch and class, in order, as many as credit and batch size allow.
    private bool TryTakeBatch(out Batch? batch, out (SpooledEntry Entry, DropReason Reason)? lost)
    {
        lock (_lock)
        {
            var entries = new List<OutgoingEntry>();
            (batch, lost) = (null, null);
            _run.Clear();
            SpooledEntry? objectless;
            while (_queue.TryPeek(out OutgoingEntry? next, out objectless))
            {
                if (entries.Count > 0 && (next.Entry.Epoch != entries[0].Entry.Epoch || next.Class != entries[0].Class || _run.Length + next.Bytes > _maxBatch)) break;
                if (!_sent.IsEmpty && _sent.Bytes + _run.Length + next.Bytes > _credit) break;
                _queue.Take();
                if (_sent.Contains(next.Name)) continue;
                if (!TryAppend(next.Entry))
                {
                    lost = (next.Entry, DropReason.Damaged);
                    break;
                }

                entries.Add(next);
            }

            if (objectless is not null) lost = (objectless, DropReason.ObjectsGone);

            if (entries.Count == 0) return false;
            _sent.Add(++_batches, entries);
            var id = new byte[Log.AgentId.Size];
            _store.AgentId.Write(id);
            batch = new Batch
            {
                Number = _batches,
                AgentId = UnsafeByteOperations.UnsafeWrap(id),
                Epoch = entries[0].Entry.Epoch,
                StartNumber = entries[0].Entry.StartNumber,
                Class = entries[0].Class,
                Entries = ByteString.CopyFrom(_run.Written),
            };
            return true;
        }
    }

    private bool TryAppend(SpooledEntry entry)
    {
        int start = _run.Length;
        _run.U32((uint)entry.Length);
        Span<byte> bytes = _run.Reserve(entry.Length)[..entry.Length];
        _run.Advance(entry.Length);
        if (_store.TryRead(entry, bytes)) return true;
        _run.Truncate(start);
        return false;
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        long position, now = _time.GetTimestamp();
        TimeSpan silence = _time.GetElapsedTime(_heard, now);
        TimeSpan wait = _options.HeartbeatInterval;
        bool mayRead;
        lock (_lock)
        {
            position = _queue.Position;
            mayRead = _sent.IsEmpty || _sent.Bytes < _credit / 2;
            if (_queue.NextDue is { } due) wait = TimeSpan.FromSeconds(Math.Clamp((due - now) / (double)_time.TimestampFrequency, 0, wait.TotalSeconds));
        }

        if (silence > _options.HeartbeatInterval * _options.MissedHeartbeats) throw new TimeoutException($"no word from the gateway for {silence.TotalSeconds:0} s");
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task timer = Task.Delay(wait, _time, wake.Token);
        Task signal = _wake.WaitAsync(wake.Token);
        Task more = mayRead ? _store.WaitBeyondAsync(position, wake.Token).AsTask() : timer;
        await Task.WhenAny(timer, signal, more).ConfigureAwait(false);
        await wake.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(timer, signal, more).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!timer.IsCompletedSuccessfully || wait < _options.HeartbeatInterval) return;
        var heartbeat = new Heartbeat { AgentTimeMs = _time.GetUtcNow().ToUnixTimeMilliseconds(), Epochs = { OpenEpochs() } };
        await _call.RequestStream.WriteAsync(new ToGateway { Heartbeat = heartbeat }, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await _call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            _heard = _time.GetTimestamp();
            ToAgent message = _call.ResponseStream.Current;
            if (message.MessageCase == ToAgent.MessageOneofCase.Directive) await ObeyAsync(message.Directive, cancellationToken).ConfigureAwait(false);
            foreach (Answer answer in message.Answers?.Answers_ ?? [])
                if (!await HandleAsync(answer, cancellationToken).ConfigureAwait(false)) return;
            Wake();
        }
    }

    private async ValueTask<bool> HandleAsync(Answer answer, CancellationToken cancellationToken)
    {
        List<OutgoingEntry> named;
        switch (answer.KindCase)
        {
            case Answer.KindOneofCase.Ack:
                lock (_lock)
                {
                    named = _sent.Take(answer.Batch, seq => Names(answer.Ack.Seqs, seq));
                    foreach (OutgoingEntry entry in named) _attempts.Remove(entry.Name);
                }

                foreach (OutgoingEntry entry in named) _store.Settle(entry.Entry.Epoch, entry.Entry.Header.Seq, entry.Entry.Header.Seq);
                return true;
            case Answer.KindOneofCase.Retry:
                var after = TimeSpan.FromMilliseconds(answer.Retry.AfterMs * (1 + Random.Shared.NextDouble()));
                lock (_lock)
                    foreach (OutgoingEntry entry in _sent.Take(answer.Batch, seq => Names(answer.Retry.Seqs, seq))) _queue.Again(entry, after);
                _logger.Retried(answer.Retry.Scope.ToString(), answer.Retry.AfterMs);
                return answer.Retry.Scope != RetryScope.Draining;
            case Answer.KindOneofCase.Need:
                lock (_lock) named = _sent.Take(answer.Batch, seq => Names(answer.Need.Seqs, seq));
                await TryAgainAsync(named, DropReason.ObjectsGone, answer.Need.Objects, cancellationToken).ConfigureAwait(false);
                return true;
            case Answer.KindOneofCase.Reject:
                lock (_lock) named = _sent.Take(answer.Batch, answer.Reject.Indexes);
                _logger.Rejected(named.Count, answer.Reject.Reason.ToString());
                await TryAgainAsync(named, DropReason.Rejected, [], cancellationToken).ConfigureAwait(false);
                return true;
            default:
                return true;
        }
    }

    // Read from the spool anew and sent again, three times at most; then it is given up, so that nothing blocks the head.
    private async ValueTask TryAgainAsync(List<OutgoingEntry> entries, DropReason reason, IReadOnlyCollection<ulong> neededObjects, CancellationToken cancellationToken)
    {
        foreach (OutgoingEntry entry in entries)
        {
            bool giveUp;
            lock (_lock)
            {
                int attempts = _attempts.GetValueOrDefault(entry.Name) + 1;
                giveUp = attempts >= MaxAttempts;
                if (giveUp) _attempts.Remove(entry.Name);
                else _attempts[entry.Name] = attempts;
                _queue.ForgetObjects(entry.Class, neededObjects);
                if (!giveUp) _queue.Again(entry, TimeSpan.Zero);
            }

            if (giveUp) await _store.BuryAsync(entry.Entry, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ObeyAsync(Directive directive, CancellationToken cancellationToken)
    {
        (DirectiveStatus status, string detail) = await CarryOutAsync(directive, cancellationToken).ConfigureAwait(false);
        _logger.DirectiveObeyed(directive.ActionCase.ToString(), directive.Issuer, status.ToString());
        lock (_lock)
        {
            if (_control.Count < MaxControlMessages)
                _control.Enqueue(new ToGateway { DirectiveResult = new DirectiveResult { Id = directive.Id, Status = status, Detail = detail } });
        }
    }

    private async ValueTask<(DirectiveStatus Status, string Detail)> CarryOutAsync(Directive directive, CancellationToken cancellationToken)
    {
        if (directive.ExpiresMs < _time.GetUtcNow().ToUnixTimeMilliseconds()) return (DirectiveStatus.Expired, "expired before it came");
        switch (directive.ActionCase)
        {
            case Directive.ActionOneofCase.Resend:
                bool all = true;
                foreach (SeqRange range in directive.Resend.Seqs) all &= _store.Unsettle(directive.Resend.Epoch, range.First, range.Last);
                lock (_lock) _queue.Rescan();
                return all ? (DirectiveStatus.Done, "") : (DirectiveStatus.Partly, "the spool no longer holds all of it");
            case Directive.ActionOneofCase.NewEpoch:
                if (_store.CurrentEpoch == directive.NewEpoch.Epoch) await _store.StartEpochAsync(cancellationToken).ConfigureAwait(false);
                return (DirectiveStatus.Done, "");
            default:
                return (DirectiveStatus.Unknown, "this agent does not know the action");
        }
    }

    private IEnumerable<OpenEpoch> OpenEpochs() => _store.OpenEpochs.Select(static open => new OpenEpoch
    {
        Epoch = open.Epoch,
        StartNumber = open.StartNumber,
        OldestUnacked = open.OldestUnsettled,
        LastSeq = open.LastSeq,
    });

    private void Wake()
    {
        lock (_lock)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    private static bool Names(IEnumerable<SeqRange> ranges, ulong seq)
    {
        foreach (SeqRange range in ranges)
            if (seq >= range.First && seq <= range.Last) return true;
        return false;
    }
}
