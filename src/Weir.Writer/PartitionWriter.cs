using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.Writer.Healing;

namespace Weir.Writer;

/// <summary>Reads both classes of one partition and brings every entry to its end: store, duplicate or quarantine.</summary>
/// <remarks>
/// It starts at the store's progress and applies everything behind it again, so a restart needs nothing but the log, the
/// store's snapshot and the quarantine. Not thread-safe; one loop drives it.
/// </remarks>
internal sealed class PartitionWriter : IEntryEffects, IDisposable
{
    // Enough that the store's lock costs little, few enough for the nearest cache.
    private const int FramesAtATime = 64;

    private static readonly LogClass[] AllClasses = [LogClass.Live, LogClass.Backfill];

    private readonly int _partition;
    private readonly ILog _log;
    private readonly IStorePartition _store;
    private readonly Quarantine _quarantine;
    private readonly DamageBook _damage;
    private readonly Healer _healer;
    private readonly SharedObjects _shared;
    private readonly WriterOptions _options;
    private readonly WriterServices _services;
    private readonly PartitionState _state;
    private readonly ILogReader[] _readers;
    private readonly SteppedOver[] _skipped = [new(), new()];
    private readonly List<PendingQuarantine> _pending = [];
    private readonly List<StoreFrame> _frames = [];
    private readonly EntryTally _tally = new();
    private long _askedStore;
    private bool _isCaughtUp;

    /// <summary>Opens the partition at the store's progress.</summary>
    /// <exception cref="InvalidDataException">The store's snapshot cannot be read.</exception>
    public PartitionWriter(
        int partition, ILog log, IStorePartition store, Quarantine quarantine, DamageBook damage, SharedObjects shared, WriterOptions options, WriterServices services)
    {
        _partition = partition;
        _log = log;
        _store = store;
        _quarantine = quarantine;
        _damage = damage;
        _shared = shared;
        _options = options;
        _services = services;
        _state = PartitionState.TryStart(store.Progress.Snapshot.Span, shared, options.Horizon)
            ?? throw new InvalidDataException($"the snapshot of partition {partition} cannot be read: it is damaged or of a newer version");
        _readers = [Open(LogClass.Live), Open(LogClass.Backfill)];
        _healer = new Healer(partition, _state, store, damage, _readers, options, services);
        foreach (HostDescription host in _state.Hosts) Describe(host);
    }

    /// <summary>Records applied since the start.</summary>
    public long Records { get; private set; }

    /// <summary>Applies everything that is durable now.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        while (await TurnAsync(cancellationToken)) { }
        CaughtUp();
    }

    /// <summary>Looks for what is damaged or missing, without waiting for the interval. Not beside <see cref="RunAsync"/>.</summary>
    /// <exception cref="IOException">The disk does not take what is to be remembered: the next look goes on with it.</exception>
    public void Heal() => _healer.Heal();

    /// <summary>Moves the store's progress on where it wants to, without waiting for the interval. Not beside <see cref="RunAsync"/>.</summary>
    public void Advance() => AdvanceIfWanted();

    /// <summary>Applies records as they come, until cancelled.</summary>
    /// <param name="caughtUp">Called whenever everything that is durable has been applied.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action caughtUp, CancellationToken cancellationToken)
    {
        Task? live = null, backfill = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            bool moved = false, isDone = false;
            try
            {
                moved = await TurnAsync(cancellationToken);
                isDone = true;
            }
            finally
            {
                // Also behind a turn that a full disk has ended: the store's progress is what makes room.
                if (IsTimeForUpkeep())
                {
                    // Only asking needs all that has come: what is damaged is given up with each advance.
                    if (isDone && _isCaughtUp) TryUpkeep(_healer.Heal);
                    TryUpkeep(AdvanceIfWanted);
                }
            }

            if (moved) continue;
            if (!_isCaughtUp) CaughtUp();
            caughtUp();

            live = live is null or { IsCompleted: true } ? _readers[0].WaitAsync(cancellationToken).AsTask() : live;
            backfill = backfill is null or { IsCompleted: true } ? _readers[1].WaitAsync(cancellationToken).AsTask() : backfill;
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await await Task.WhenAny(live, backfill, Task.Delay(_options.AdvanceInterval, _services.Time, wake.Token));
            await wake.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ILogReader reader in _readers) reader.Dispose();
    }

    void IEntryEffects.Store(in StoreFrame frame)
    {
        _frames.Add(frame);
        if (_frames.Count == FramesAtATime) WriteFrames();
        _tally.Add(frame.Entry.SampleCount, EntryOutcome.Stored);
    }

    void IEntryEffects.Describe(HostDescription host) => Describe(host);

    void IEntryEffects.Count(in EntryHeader entry, EntryOutcome outcome) => _tally.Add(entry.SampleCount, outcome);

    QuarantineReason? IEntryEffects.RefusalOf(LogClass logClass, long position) => _quarantine.RefusalOf(logClass, position);

    bool IEntryEffects.IsVoid(in AgentKey agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place) =>
        _damage.IsVoid(agent, record.Epoch, entry.Seq, place.Class, place.Position);

    AgentState? IEntryEffects.Recall(in AgentKey agent) => null;

    void IEntryEffects.Damaged(in AgentKey agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place) =>
        _healer.Unreadable(agent, record.Epoch, entry, Positions);

    void IEntryEffects.Quarantine(QuarantineReason reason, in EntryPlace place, in RecordHeader record, in EntryHeader entry)
    {
        _tally.Add(entry.SampleCount, EntryOutcome.Quarantined);
        if (!_quarantine.Holds(place.Class, place.Position)) _pending.Add(new PendingQuarantine(reason, place, record));
    }

    private void CaughtUp()
    {
        _isCaughtUp = true;
        _healer.Tell();
        _services.Logger.CaughtUp(_partition, Records);
    }

    private async ValueTask<bool> TurnAsync(CancellationToken cancellationToken)
    {
        // After a failed turn these are still to be done.
        bool moved = _pending.Count > 0;
        await QuarantineAsync(cancellationToken);
        _healer.Save();
        try
        {
            foreach (LogClass logClass in AllClasses)
            {
                ILogReader reader = _readers[(int)logClass];
                for (int i = 0; i < _options.RecordsPerTurn && reader.TryRead(out LogEntry item); i++)
                {
                    moved = true;
                    Apply(logClass, item, reader);
                    if (_pending.Count > 0) await QuarantineAsync(cancellationToken);
                }
            }
        }
        finally
        {
            // What the state has settled reaches the store, also where a quarantine out of disk ends the turn.
            WriteFrames();
            _tally.Flush(_services.Metrics);
            foreach (LogClass logClass in AllClasses) _skipped[(int)logClass].Add(_readers[(int)logClass].TakeSkipped());
        }

        _healer.Save();
        if (moved) _store.Reached(Positions);
        return moved;
    }

    private void Apply(LogClass logClass, in LogEntry item, ILogReader reader)
    {
        try
        {
            if (!_state.Apply(logClass, item, reader, this)) SkipRecord(item.Position);
            Records++;
        }
        catch (LogException e) when (e.Error == LogError.ReadFailed)
        {
            // The record once more, when it is tried again.
            _skipped[(int)logClass].Add(reader.TakeSkipped());
            _readers[(int)logClass] = _log.OpenReader(logClass, _partition, item.Position);
            reader.Dispose();
            throw;
        }
    }

    // A new record at a position that the store, the quarantine or the book knows would be taken for the one that stood there.
    private ILogReader Open(LogClass logClass)
    {
        long from = _store.Progress.Positions.Of(logClass), floor = Math.Max(from, Math.Max(_quarantine.EndOf(logClass), _damage.EndOf(logClass)));
        foreach ((long first, long behind) in _log.StepOver(logClass, _partition, from, floor))
            _services.Logger.LogLost(_partition, logClass, first, behind);
        return _log.OpenReader(logClass, _partition, from);
    }

    private LogPositions Positions => new(_readers[(int)LogClass.Live].Position, _readers[(int)LogClass.Backfill].Position);

    private void WriteFrames()
    {
        _store.Write(CollectionsMarshal.AsSpan(_frames));
        _frames.Clear();
    }

    private void Describe(HostDescription host) => _store.Describe(host.Record, host.FromMs, host.Attributes);

    private void SkipRecord(long position)
    {
        _services.Metrics.RecordSkipped();
        _services.Logger.RecordSkipped(_partition, position);
    }

    private async ValueTask QuarantineAsync(CancellationToken cancellationToken)
    {
        while (_pending.Count > 0)
        {
            (QuarantineReason reason, EntryPlace place, RecordHeader record) = _pending[0];
            var bytes = new byte[place.Length];
            // A payload that cannot be read is kept by name alone.
            if (!_readers[(int)place.Class].TryReadPayload(place.Position, bytes)) bytes = [];
            await _quarantine.AddAsync(reason, place.Class, place.Position, record, bytes, cancellationToken);
            _pending.RemoveAt(0);
            _services.Logger.Quarantined(_partition, record.AgentId.ToString(), reason.ToString());
            if (reason == QuarantineReason.IdentityConflict) AskForNewEpoch(record);
        }
    }

    private void AskForNewEpoch(in RecordHeader record) => _services.Directives.TrySend(record.Tenant, record.AgentId, new Directive
    {
        Id = Google.Protobuf.ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
        Issuer = "writer",
        ExpiresMs = _services.Time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds(),
        NewEpoch = new NewEpoch { Epoch = record.Epoch },
    });

    private bool IsTimeForUpkeep()
    {
        if (_askedStore != 0 && _services.Time.GetElapsedTime(_askedStore) < _options.AdvanceInterval) return false;
        _askedStore = _services.Time.GetTimestamp();
        return true;
    }

    // What fails holds up neither the records nor the rest.
    private void TryUpkeep(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            _services.Logger.UpkeepFailed(e, _partition, _options.AdvanceInterval.TotalSeconds);
        }
    }

    private void AdvanceIfWanted()
    {
        // First, since a seal that holds what is given up is discarded. What throws here keeps the progress where it is.
        _healer.GiveUp();
        if (!_store.WantsAdvance(out LogPositions to)) return;
        // What has not been read yet is not given up: a reader that lost its place would stand still.
        if (!Positions.Cover(to)) return;
        // Nor what waits for the quarantine's disk.
        if (_pending.Exists(pending => pending.Place.Position < to.Of(pending.Place.Class))) return;
        _store.Advance(new StoreProgress(to, SnapshotAt(to)));
        _state.ForgetWaiting(to);
        foreach (LogClass logClass in AllClasses)
        {
            _quarantine.ForgetBefore(logClass, to.Of(logClass));
            _skipped[(int)logClass].ForgetBefore(to.Of(logClass));
        }

        _services.Logger.Advanced(_partition, to.Live, to.Backfill);
        _healer.Advanced(to);
    }

    // The state there is a function of the snapshot before it and the records between: it is computed anew rather than kept. Of the same records: what the first reading
    // stepped over is in no part, and its copies may come behind these positions; what it did not step over is in the parts, and without its names would be stored once more.
    private byte[] SnapshotAt(LogPositions to)
    {
        StoreProgress from = _store.Progress;
        PartitionState trailing = PartitionState.TryStart(from.Snapshot.Span, _shared, _options.Horizon)
            ?? throw new InvalidDataException($"the snapshot of partition {_partition} cannot be read again");
        var effects = new TrailingEffects(_quarantine, _damage, _state);
        foreach (LogClass logClass in AllClasses)
        {
            using ILogReader reader = _log.OpenReader(logClass, _partition, from.Positions.Of(logClass));
            SteppedOver skipped = _skipped[(int)logClass];
            while (reader.TryRead(out LogEntry item) && item.Position < to.Of(logClass))
                if (!skipped.Contains(item.Position)) trailing.Apply(logClass, item, reader, effects);
            foreach ((long first, long behind) in reader.TakeSkipped())
            {
                if (!skipped.Covers(first, Math.Min(behind, to.Of(logClass))))
                    throw new IOException($"the {logClass} log of partition {_partition} was read from {first} to {behind} and is not readable any more: a restart reads it anew and has the agents send what stood there");
            }
        }

        return trailing.Snapshot();
    }

    private sealed record PendingQuarantine(QuarantineReason Reason, EntryPlace Place, RecordHeader Record);

    /// <summary>Effects of records that have had theirs: none, but the same answers.</summary>
    private sealed class TrailingEffects(Quarantine quarantine, DamageBook damage, PartitionState first) : IEntryEffects
    {
        public void Store(in StoreFrame frame) { }

        public void Describe(HostDescription host) { }

        public void Count(in EntryHeader entry, EntryOutcome outcome) { }

        public QuarantineReason? RefusalOf(LogClass logClass, long position) => quarantine.RefusalOf(logClass, position);

        public bool IsVoid(in AgentKey agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place) =>
            damage.IsVoid(agent, record.Epoch, entry.Seq, place.Class, place.Position);

        public AgentState? Recall(in AgentKey agent) => first.Agents.GetValueOrDefault(agent);

        public void Damaged(in AgentKey agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place) { }

        public void Quarantine(QuarantineReason reason, in EntryPlace place, in RecordHeader record, in EntryHeader entry) { }
    }
}
