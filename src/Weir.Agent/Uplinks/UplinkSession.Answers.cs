using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <content>What the gateway says.</content>
internal sealed partial class UplinkSession
{
    private const int MaxRefusals = 3;
    private static readonly TimeSpan FirstNeedDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UncountedDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestNeedDelay = TimeSpan.FromMinutes(1);

    private readonly RefusalCounts _needs = new();

    private async ValueTask TakeAsync(ToAgent message)
    {
        switch (message.MessageCase)
        {
            case ToAgent.MessageOneofCase.Answers:
                foreach (Answer answer in message.Answers.Answers_) await TakeAsync(answer).ConfigureAwait(false);
                Volatile.Write(ref _oldestSentAt, _unanswered.OldestSentAt ?? 0);
                break;
            case ToAgent.MessageOneofCase.Directive:
                await ObeyAsync(message.Directive).ConfigureAwait(false);
                break;
            case ToAgent.MessageOneofCase.Drain:
                Drain(Bounded(TimeSpan.FromMilliseconds(message.Drain.AfterMs)));
                break;
            case ToAgent.MessageOneofCase.Grant:
                Grant(message.Grant.BackfillBytesPerS);
                break;
            default:
                // A newer gateway may say what this agent does not know.
                break;
        }
    }

    // An answer to what was not asked, or twice, names nothing here and changes nothing.
    private async ValueTask TakeAsync(Answer answer)
    {
        if (_unanswered.Find(answer.Batch) is not { } batch) return;
        switch (answer.KindCase)
        {
            case Answer.KindOneofCase.Ack:
                TakeAck(batch, answer.Ack);
                break;
            case Answer.KindOneofCase.Retry:
                TakeRetry(batch, answer.Retry);
                break;
            case Answer.KindOneofCase.Need:
                TakeNeed(batch, answer.Need);
                break;
            case Answer.KindOneofCase.Reject:
                await TakeRejectAsync(batch, answer.Reject).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    private void TakeAck(SentBatch batch, Ack ack)
    {
        List<SpooledEntry> acked = batch.Take(ack.Epoch, ack.Seqs);
        _unanswered.Ack(batch, acked);
        _metrics.Answered("ack", acked.Count);
        if (acked.Count == 0) return;
        foreach (SpooledEntry entry in acked)
        {
            _store.Settle(entry.Epoch, entry.Seq, entry.Seq);
            _refusals.Forget(entry.Epoch, entry.Seq);
            _needs.Forget(entry.Epoch, entry.Seq);
        }

        if (batch.Class == EntryClass.Live && acked.FindLast(static entry => entry.Header.Kind == EntryKind.Samples) is { Length: > 0 } frame)
            _signals.Delivered(TimeSpan.FromMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds() - frame.NewestMs));
        _signals.Acked(more: _store.UnsettledEntries > 0);
    }

    private void TakeRetry(SentBatch batch, Retry retry)
    {
        List<SpooledEntry> put = batch.Take(retry.Epoch, retry.Seqs);
        _unanswered.Refuse(batch, put);
        _metrics.Answered("retry", put.Count);
        _logger.Retried(retry.Scope.ToString(), put.Count, retry.AfterMs);
        // Never earlier than asked; spread, so that a fleet does not come back as one.
        TimeSpan after = Bounded(TimeSpan.FromMilliseconds(retry.AfterMs * (1 + Random.Shared.NextDouble())));
        foreach (SpooledEntry entry in put) _outbox.Again.Add(entry.Epoch, entry.Seq, entry.Seq, after);
        if (retry.Scope == RetryScope.Draining) Drain(after);
        // An unknown version concerns these entries alone; the others tell to hold the class. What it does not know of codec 1 waits in the spool
        // for a newer gateway; until one welcomes us, new frames are of a codec that this one takes.
        else if (retry.Scope == RetryScope.Version)
        {
            if (put.Exists(static entry => entry.IsProfiled)) _signals.TakesProfiled = false;
        }
        else _pausedUntil[(int)batch.Class] = Math.Max(_pausedUntil[(int)batch.Class], Due(after));
    }

    private void Drain(TimeSpan after) => _draining ??= (Due(DrainLimit), after);

    private TimeSpan Bounded(TimeSpan asked) => asked < _options.LongestWait ? asked : _options.LongestWait;

    private void TakeNeed(SentBatch batch, Need need)
    {
        List<SpooledEntry> named = batch.Take(need.Epoch, need.Seqs);
        _unanswered.Refuse(batch, named);
        _metrics.Answered("need", named.Count);
        foreach (ulong id in need.Objects) _outbox.ForgetObject(batch.Class, id);
        foreach (SpooledEntry entry in named)
        {
            // The object that the entry names goes again with all that it needs itself.
            _outbox.ForgetObject(batch.Class, entry.Header.ObjectId);
            int needs = _needs.Add(entry.Epoch, entry.Seq);
            _outbox.Again.Add(entry.Epoch, entry.Seq, entry.Seq, NeedDelay(needs));
        }
    }

    // The first time is how the protocol works; a gateway that keeps asking gets no faster than it can learn.
    private static TimeSpan NeedDelay(int needs)
    {
        if (needs == 0) return UncountedDelay;
        if (needs == 1) return TimeSpan.Zero;
        TimeSpan delay = FirstNeedDelay * Math.Pow(2, Math.Min(needs - 2, 10));
        return delay < LongestNeedDelay ? delay : LongestNeedDelay;
    }

    // Read from the spool anew and sent again, three times at most; then it is given up, so that nothing blocks the head: a copy goes
    // to the quarantine of the spool, and RESEND can still bring it until its segment goes.
    private async ValueTask TakeRejectAsync(SentBatch batch, Reject reject)
    {
        List<SpooledEntry> rejected = batch.Take(reject.Indexes);
        _unanswered.Refuse(batch, rejected);
        _metrics.Answered("reject", rejected.Count);
        if (rejected.Count > 0) _logger.Rejected(rejected.Count, reject.Reason.ToString(), rejected[0].Epoch, rejected[0].Seq);
        foreach (SpooledEntry entry in rejected)
        {
            if (entry.Header.Kind == EntryKind.Object) _outbox.ForgetObject(batch.Class, entry.Header.ObjectId);
            int refusals = _refusals.Add(entry.Epoch, entry.Seq);
            if (refusals < MaxRefusals)
            {
                _outbox.Again.Add(entry.Epoch, entry.Seq, entry.Seq, refusals == 0 ? UncountedDelay : TimeSpan.Zero);
                continue;
            }

            await _store.BuryAsync(entry, DropReason.Rejected, _stop.Token).ConfigureAwait(false);
            _refusals.Forget(entry.Epoch, entry.Seq);
        }
    }

    private async ValueTask ObeyAsync(Directive directive)
    {
        (DirectiveStatus status, string detail) = await CarryOutAsync(directive).ConfigureAwait(false);
        // Repeated as long as somebody looks: not for the log of every day.
        if (directive.ActionCase == Directive.ActionOneofCase.LiveLease) _logger.LeaseAnswered(directive.Issuer, status.ToString(), detail);
        else _logger.DirectiveObeyed(directive.ActionCase.ToString(), directive.Issuer, status.ToString(), detail);
        _metrics.Directive(status);
        await WriteAsync(new ToGateway { DirectiveResult = new DirectiveResult { Id = directive.Id, Status = status, Detail = detail } }).ConfigureAwait(false);
    }

    private async ValueTask<(DirectiveStatus Status, string Detail)> CarryOutAsync(Directive directive)
    {
        if (directive.ExpiresMs < _time.GetUtcNow().ToUnixTimeMilliseconds()) return (DirectiveStatus.Expired, "it had expired when it came");
        switch (directive.ActionCase)
        {
            case Directive.ActionOneofCase.Resend:
                return Resend(directive.Resend);
            case Directive.ActionOneofCase.NewEpoch:
                return await StartEpochAsync(directive.NewEpoch.Epoch).ConfigureAwait(false);
            case Directive.ActionOneofCase.NewIdentity:
                return await TakeNewIdAsync(directive.NewIdentity.AgentId).ConfigureAwait(false);
            case Directive.ActionOneofCase.LiveLease:
                return HoldLease(directive.LiveLease.Seconds);
            case Directive.ActionOneofCase.Collect:
                return Collect(directive.Collect);
            default:
                return (DirectiveStatus.Unknown, "this agent does not know the action");
        }
    }

    private (DirectiveStatus Status, string Detail) Resend(Resend resend)
    {
        (Log.SeqSet held, ulong gone) = _store.Unsettle(resend.Epoch, resend.Seqs.Select(static range => (range.First, range.Last)));
        foreach ((ulong first, ulong last) in held.Ranges) _outbox.Again.Add(resend.Epoch, first, last, TimeSpan.Zero);
        if (gone == 0) return (DirectiveStatus.Done, "all of it is offered again");
        return held.Ranges.Count == 0
            ? (DirectiveStatus.Refused, "the spool no longer holds any of it")
            : (DirectiveStatus.Partly, $"the spool no longer holds {gone} of the entries");
    }

    private (DirectiveStatus Status, string Detail) HoldLease(uint seconds)
    {
        if (seconds == 0) return (DirectiveStatus.Refused, "a lease of no length ends before it begins");
        TimeSpan held = _signals.Hold(TimeSpan.FromSeconds(seconds));
        return held.TotalSeconds < seconds
            ? (DirectiveStatus.Partly, $"each tick leaves alone for {held.TotalSeconds:0} s, the most that one directive may ask for")
            : (DirectiveStatus.Done, $"each tick leaves alone for {seconds} s");
    }

    private (DirectiveStatus Status, string Detail) Collect(Collect order)
    {
        if (_signals.Collect is not { } collect) return (DirectiveStatus.Refused, "the agent does not collect now");
        CollectAnswer answer = collect(new CollectOrder(order.Collector, TimeSpan.FromMilliseconds(order.IntervalMs), TimeSpan.FromSeconds(order.Seconds)));
        return (answer.IsTaken ? DirectiveStatus.Done : DirectiveStatus.Refused, answer.Detail);
    }

    private async ValueTask<(DirectiveStatus Status, string Detail)> StartEpochAsync(ulong colliding)
    {
        // Told again, or of an epoch before: there is nothing left to do.
        if (_store.CurrentEpoch != colliding) return (DirectiveStatus.Done, "another epoch runs already");
        try
        {
            await _store.StartEpochAsync(_stop.Token).ConfigureAwait(false);
            _signals.EpochBegan();
            return (DirectiveStatus.Done, "a new epoch has begun");
        }
        catch (IOException e)
        {
            return (DirectiveStatus.Refused, $"the spool does not take a new epoch: {e.Message}");
        }
    }

    private async ValueTask<(DirectiveStatus Status, string Detail)> TakeNewIdAsync(Google.Protobuf.ByteString colliding)
    {
        if (!Log.AgentId.TryRead(colliding.Span, out Log.AgentId id) || id != _store.AgentId) return (DirectiveStatus.Done, "the agent has another id already");
        try
        {
            if (!await _store.TakeNewIdAsync(_stop.Token).ConfigureAwait(false)) return (DirectiveStatus.Refused, "the agent keeps its id: its spool holds entries of too many");
            _signals.EpochBegan();
            return (DirectiveStatus.Done, $"the agent is {_store.AgentId} from now on");
        }
        catch (IOException e)
        {
            return (DirectiveStatus.Refused, $"the disk does not take a new id: {e.Message}");
        }
    }
}
