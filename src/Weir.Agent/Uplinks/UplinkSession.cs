using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>One connection to a gateway, from Hello to its end.</summary>
/// <remarks>
/// One loop owns all state, so that nothing here is locked: a receiver only passes messages on to it, and it sleeps until a message, a durable
/// entry or a timer wakes it. Nothing is settled but by an answer or a durable tombstone, so whatever ends the session, the next one sends the
/// rest again. A watch beside the loop ends a session whose gateway fell silent, even in the middle of a write.
/// </remarks>
internal sealed partial class UplinkSession : IDisposable
{
    /// <summary>Most messages that wait to be looked at.</summary>
    public const int MaxInbox = 512;

    private const uint Protocol = 1;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly Uri _gateway;
    private readonly UplinkOptions _options;
    private readonly AgentStore _store;
    private readonly DeliverySignals _signals;
    private readonly TimeProvider _time;
    private readonly UplinkMetrics _metrics;
    private readonly RefusalCounts _refusals;
    private readonly BacklogRoute _route;
    private readonly ILogger _logger;
    private readonly IGatewayLink _link;
    private readonly Channel<ToAgent> _inbox = Channel.CreateBounded<ToAgent>(new BoundedChannelOptions(MaxInbox) { SingleReader = true, SingleWriter = true });
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stop;
    private readonly Outbox _outbox;
    private readonly BatchBuilder _batch;
    private readonly Func<EntryClass, int, bool> _admits;
    private readonly long[] _pausedUntil = [0, 0];
    private readonly Log.AgentId _agentId;
    private readonly RateLimit _backfill;
    private (Log.AgentId Id, ByteString Name) _named = (default, ByteString.Empty);
    private Unanswered _unanswered;
    private ulong _batches;
    private long _lastSent;
    private long _waitingSince;
    private long _oldestSentAt;
    private string? _dead;
    private (long Deadline, TimeSpan ReconnectAfter)? _draining;

    /// <summary>Begins at what the spool holds now.</summary>
    /// <exception cref="Log.LogException">The disk does not give the newest of it.</exception>
    public UplinkSession(
        Uri gateway, UplinkOptions options, AgentStore store, DeliverySignals signals, Func<CancellationToken, IGatewayLink> open, TimeProvider time, UplinkMetrics metrics, RefusalCounts refusals, BacklogRoute route, ILogger logger,
        CancellationToken cancellationToken)
    {
        _gateway = gateway;
        _options = options;
        _store = store;
        _signals = signals;
        _time = time;
        _metrics = metrics;
        _refusals = refusals;
        _route = route;
        _logger = logger;
        // First, for it reads the spool and may fail.
        _outbox = new Outbox(store, options.LiveAge, time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _batch = new BatchBuilder(store);
        _admits = Admits;
        _backfill = new RateLimit(time);
        _unanswered = new Unanswered(0, time);
        _agentId = store.AgentId;
        _link = open(_stop.Token);
    }

    /// <summary>When the gateway welcomed the agent, in the clock's timestamps; null before.</summary>
    public long? WelcomedAt { get; private set; }

    /// <summary>Serves the connection until it ends.</summary>
    /// <exception cref="RpcException">The gateway refused or broke off.</exception>
    /// <exception cref="TimeoutException">The gateway fell silent.</exception>
    public async Task<SessionEnd> RunAsync()
    {
        Welcome welcome = await GreetAsync().ConfigureAwait(false);
        WelcomedAt = _lastSent = _time.GetTimestamp();
        _unanswered = new Unanswered(welcome.CreditBytes, _time);
        _batch.Limit = (int)Math.Min((uint)_options.MaxBatchBytes, welcome.MaxBatchBytes);
        // A gateway from before this list knows codec 0 alone.
        _signals.TakesProfiled = welcome.Codecs.Contains((uint)CodecId.Profiled);
        Grant(welcome.BackfillBytesPerS);
        _metrics.Connected(_unanswered);
        _logger.Connected(_gateway.Authority, welcome.GatewayId);
        Task receiving = ReceiveAsync();
        ITimer watch = _time.CreateTimer(_ => Watch(), null, _options.WatchInterval, _options.WatchInterval);
        ITimer timer = _time.CreateTimer(_ => _wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _store.Appended += _wake.Set;
        try
        {
            return await ServeAsync(timer).ConfigureAwait(false);
        }
        catch (Exception e) when (Volatile.Read(ref _dead) is { } reason && e is OperationCanceledException or RpcException or ChannelClosedException)
        {
            throw new TimeoutException(reason, e);
        }
        finally
        {
            _store.Appended -= _wake.Set;
            await timer.DisposeAsync().ConfigureAwait(false);
            await watch.DisposeAsync().ConfigureAwait(false);
            await _stop.CancelAsync().ConfigureAwait(false);
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _route.Close();
            _metrics.Disconnected();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _link.Dispose();
        _outbox.Dispose();
        _stop.Dispose();
    }

    private async Task<Welcome> GreetAsync()
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using CancellationTokenRegistration giveUp = limit.Token.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _stop);
        var hello = new Hello
        {
            ProtocolMin = Protocol,
            ProtocolMax = Protocol,
            AgentId = Bytes(_agentId),
            FormerAgentIds = { _store.FormerIds.Select(Bytes) },
            AgentVersion = _options.AgentVersion,
            OsVersion = _options.OsVersion,
            AgentTimeMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            HeartbeatMs = (uint)_options.HeartbeatInterval.TotalMilliseconds,
            Codecs = { (uint)CodecId.Plain, (uint)CodecId.Profiled },
            Epochs = { OpenEpochs() },
        };
        Welcome? welcome;
        try
        {
            await _link.WriteAsync(new ToGateway { Hello = hello }, _stop.Token).ConfigureAwait(false);
            welcome = (await _link.ReadAsync(_stop.Token).ConfigureAwait(false))?.Welcome;
        }
        catch (Exception e) when (limit.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new TimeoutException($"no Welcome within {_options.ConnectTimeout.TotalSeconds:0} s", e);
        }

        if (welcome is null) throw new RpcException(new Status(StatusCode.Internal, "the gateway did not answer Hello with Welcome"));
        if (welcome.Protocol != Protocol) throw new RpcException(new Status(StatusCode.FailedPrecondition, $"the gateway chose protocol {welcome.Protocol}, this agent speaks {Protocol}"));
        return welcome;
    }

    private async Task<SessionEnd> ServeAsync(ITimer timer)
    {
        while (true)
        {
            _stop.Token.ThrowIfCancellationRequested();
            while (_inbox.Reader.TryRead(out ToAgent? message)) await TakeAsync(message).ConfigureAwait(false);
            if (_inbox.Reader.Completion.IsCompleted)
            {
                await _inbox.Reader.Completion.ConfigureAwait(false);
                return new SessionEnd("the gateway ended the stream", _draining?.ReconnectAfter);
            }

            // A Hello of its own: what follows has another name.
            if (_store.AgentId != _agentId) return new SessionEnd("the agent has a new id", TimeSpan.Zero);
            if (_draining is { } draining)
            {
                if (_unanswered.IsEmpty || _time.GetTimestamp() >= draining.Deadline) return new SessionEnd("the gateway is draining", draining.ReconnectAfter);
            }
            else if (await TrySendBatchAsync().ConfigureAwait(false))
            {
                continue;
            }

            if (_time.GetElapsedTime(_lastSent) >= _options.HeartbeatInterval)
                await WriteAsync(new ToGateway { Heartbeat = new Heartbeat { AgentTimeMs = _time.GetUtcNow().ToUnixTimeMilliseconds(), Epochs = { OpenEpochs() } } }).ConfigureAwait(false);
            timer.Change(UntilNextDue(), Timeout.InfiniteTimeSpan);
            await _wake.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> TrySendBatchAsync()
    {
        _batch.Clear();
        SpooledEntry? objectless;
        while (_outbox.TryPeek(_admits, out OutgoingEntry next, out objectless) && _batch.Accepts(next))
        {
            _outbox.Take(next);
            SpoolRead read = _batch.Add(next);
            if (read == SpoolRead.NotNow) _outbox.PutOff(next);
            if (read == SpoolRead.Damaged)
            {
                // Behind what was gathered before it, for the tombstone takes a turn of its own.
                await SendBatchAsync().ConfigureAwait(false);
                await _store.BuryAsync(next.Entry, DropReason.Damaged, _stop.Token).ConfigureAwait(false);
                return true;
            }
        }

        bool sent = await SendBatchAsync().ConfigureAwait(false);
        if (objectless is not { } lost) return sent;
        await _store.BuryAsync(lost, DropReason.ObjectsGone, _stop.Token).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<bool> SendBatchAsync()
    {
        if (_batch.Entries.Count == 0) return false;
        SpooledEntry first = _batch.Entries[0];
        int bytes = _batch.Run.Length;
        _unanswered.Add(new SentBatch(++_batches, _batch.Class, _batch.Entries, _time.GetTimestamp()), bytes);
        Volatile.Write(ref _oldestSentAt, _unanswered.OldestSentAt ?? 0);
        _metrics.Sent(_batch.Entries.Count, bytes);
        if (_batch.Class == EntryClass.Backfill) _backfill.Take(bytes);
        await WriteAsync(new ToGateway
        {
            Batch = new Batch
            {
                Number = _batches,
                AgentId = NameOf(first.StartNumber),
                Epoch = first.Epoch,
                StartNumber = first.StartNumber,
                Class = _batch.Class,
                // Serialized before the write completes, and not touched until then.
                Entries = UnsafeByteOperations.UnsafeWrap(_batch.Run),
            },
        }).ConfigureAwait(false);
        return true;
    }

    private async ValueTask WriteAsync(ToGateway message)
    {
        long now = _time.GetTimestamp();
        if (Volatile.Read(ref _waitingSince) == 0) Volatile.Write(ref _waitingSince, now);
        await _link.WriteAsync(message, _stop.Token).ConfigureAwait(false);
        _lastSent = _time.GetTimestamp();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            while (await _link.ReadAsync(_stop.Token).ConfigureAwait(false) is { } message)
            {
                Volatile.Write(ref _waitingSince, 0);
                await _inbox.Writer.WriteAsync(message, _stop.Token).ConfigureAwait(false);
                _wake.Set();
            }
        }
        catch (Exception e)
        {
            error = e;
        }

        _inbox.Writer.TryComplete(error);
        _wake.Set();
    }

    // Any message counts as a sign of life; entries must be answered for themselves.
    private void Watch()
    {
        TimeSpan limit = _options.HeartbeatInterval * _options.MissedHeartbeats;
        long waiting = Volatile.Read(ref _waitingSince), oldest = Volatile.Read(ref _oldestSentAt);
        if (waiting != 0 && _time.GetElapsedTime(waiting) >= limit) Volatile.Write(ref _dead, $"no word from the gateway for {limit.TotalSeconds:0} s");
        else if (oldest != 0 && _time.GetElapsedTime(oldest) >= limit) Volatile.Write(ref _dead, $"entries without an answer for {limit.TotalSeconds:0} s");
        else return;
        _stop.Cancel();
    }

    // Chunks are calls of their own: where no stream passes they do not either.
    private void Grant(ulong backfillBytesPerSecond)
    {
        _backfill.Set(backfillBytesPerSecond);
        if (_link is StreamLink) _route.Open(_gateway, backfillBytesPerSecond);
    }

    private bool Admits(EntryClass entryClass, int bytes) =>
        _pausedUntil[(int)entryClass] <= _time.GetTimestamp() && (entryClass == EntryClass.Live || (!_route.IsTaken && _backfill.IsOpen)) && _unanswered.Admits(entryClass, _batch.Run.Length, bytes);

    private TimeSpan UntilNextDue()
    {
        long now = _time.GetTimestamp();
        TimeSpan due = _options.HeartbeatInterval - _time.GetElapsedTime(_lastSent, now);
        if (_outbox.Again.NextDue is { } again) due = Earlier(due, again);
        foreach (long paused in _pausedUntil)
            if (paused > now) due = Earlier(due, paused);
        if (_draining is { } draining) due = Earlier(due, draining.Deadline);
        if (!_backfill.IsOpen) due = Earlier(due, Due(_backfill.UntilOpen));
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;

        TimeSpan Earlier(TimeSpan before, long at) => before < Until(at) ? before : Until(at);
        // Rounded up: a timer that fires a moment early would find nothing due.
        TimeSpan Until(long at) => TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, at - now) * 1000.0 / _time.TimestampFrequency));
    }

    private long Due(TimeSpan delay) => _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);

    // Nearly always the same.
    private ByteString NameOf(uint startNumber)
    {
        Log.AgentId id = _store.IdOf(startNumber);
        if (_named.Id != id) _named = (id, Bytes(id));
        return _named.Name;
    }

    private static ByteString Bytes(Log.AgentId agent)
    {
        var id = new byte[Log.AgentId.Size];
        agent.Write(id);
        return UnsafeByteOperations.UnsafeWrap(id);
    }

    private IEnumerable<OpenEpoch> OpenEpochs() => _store.OpenEpochs.Select(static open => new OpenEpoch
    {
        Epoch = open.Epoch,
        StartNumber = open.StartNumber,
        OldestUnacked = open.OldestUnsettled,
        LastSeq = open.LastSeq,
    });
}
