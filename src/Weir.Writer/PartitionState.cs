using System.Buffers;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>What a writer knows of a partition at a position of its log: a pure function of the snapshot it started from and the records since.</summary>
/// <remarks>
/// Applying the same records in the same order gives the same state and effects; what depends on how the two
/// classes interleave or on the configuration, which of two conflicting entries came first and which times lie, is remembered by the quarantine. Not thread-safe.
/// </remarks>
internal sealed class PartitionState
{
    // Frames that wait for objects, per partition. Above it they stay in quarantine and are not released by themselves.
    private const int MaxWaiting = 10_000;

    private readonly Dictionary<AgentKey, AgentState> _agents;
    private readonly SharedObjects _shared;
    private readonly Horizon _horizon;
    private readonly Dictionary<AgentKey, List<WaitingFrame>> _waiting = [];
    private readonly ByteWriter _payload = new();
    private int _waitingCount;

    // The record of each class that was not applied to its end, and how many of its entries were.
    private readonly (long Position, int Entries)[] _unfinished = new (long, int)[2];

    private PartitionState(Dictionary<AgentKey, AgentState> agents, SharedObjects shared, Horizon horizon)
    {
        _agents = agents;
        _shared = shared;
        _horizon = horizon;
    }

    /// <summary>The newest description of every host.</summary>
    public IEnumerable<HostDescription> Hosts => _agents.Values.Select(static agent => agent.Host).OfType<HostDescription>();

    /// <summary>Starts from a snapshot; null where it cannot be read.</summary>
    public static PartitionState? TryStart(ReadOnlySpan<byte> snapshot, SharedObjects shared, Horizon horizon) =>
        StateSnapshot.TryRead(snapshot, shared) is { } agents ? new PartitionState(agents, shared, horizon) : null;

    /// <summary>The state as bytes.</summary>
    public byte[] Snapshot() => StateSnapshot.Write(_agents);

    /// <summary>The agents known.</summary>
    public IReadOnlyDictionary<AgentKey, AgentState> Agents => _agents;

    /// <summary>Applies one record.</summary>
    /// <returns>False where the record's index is of a newer version or malformed: it was skipped.</returns>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give a payload now. Applied again, the record goes on with the entry that needs it.</exception>
    public bool Apply(LogClass logClass, in LogEntry item, ILogReader reader, IEntryEffects effects)
    {
        if (!RecordIndex.TryOpen(item.Index.Span, out RecordIndex rows)) return false;
        var key = new AgentKey(rows.Header.Tenant, rows.Header.AgentId);
        if (!_agents.TryGetValue(key, out AgentState? agent)) _agents[key] = agent = new AgentState();
        (long unfinished, int applied) = _unfinished[(int)logClass];
        if (unfinished != item.Position) applied = 0;
        for (int row = 0; rows.MoveNext(); row++)
        {
            if (row < applied) continue;
            var place = new EntryPlace(logClass, item.Position + rows.Offset, rows.Length);
            if (item.Damaged) FindDamaged(key, agent.Epoch(rows.Header.Epoch), rows.Header, rows.Entry, place, effects);
            else Apply(row, item.Position, key, agent, rows.Header, rows.Entry, place, new PayloadSource(reader, place, _payload), effects);
        }

        return !rows.Malformed;
    }

    // An entry reads all that it needs before it changes anything.
    private void Apply(
        int row, long recordPosition, in AgentKey key, AgentState agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place, in PayloadSource payload, IEntryEffects effects)
    {
        try
        {
            ApplyEntry(key, agent, record, entry, place, payload, effects);
        }
        catch (LogException e) when (e.Error == LogError.ReadFailed)
        {
            _unfinished[(int)place.Class] = (recordPosition, row);
            throw;
        }
    }

    private void ApplyEntry(
        in AgentKey key, AgentState agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place, in PayloadSource payload, IEntryEffects effects)
    {
        // However the frame ends, what it names is in use: which objects are kept depends on the order of one class alone.
        Schema? schema = null;
        PackedBaseline? baseline = null;
        if (entry.Kind == EntryKind.Samples) agent.Objects(place.Class).TryGetSchema(entry, out schema, out baseline);
        EpochState epoch = agent.Epoch(record.Epoch);
        if (effects.RefusalOf(place.Class, place.Position) is { } refusal)
        {
            // The copy that a conflicting one conflicts with may still come.
            if (refusal != QuarantineReason.IdentityConflict) epoch.Refuse(entry.Seq);
            return;
        }

        if (effects.IsVoid(key, record, entry, place))
        {
            epoch.Know(entry.Seq);
            return;
        }

        long lastMs = entry.LastGridMs;
        bool isRead = true, isWhole = true;
        if (entry.ExplicitTimes && !payload.TryReadLastMs(entry, out lastMs, out isRead)) isWhole = !isRead && (isRead = WasSettled(effects.Recall(key), record.Epoch, entry.Seq));
        // The object table takes in a duplicate too: the agent repeats its objects for those who lost them.
        else if (entry.Kind == EntryKind.Object) isWhole = TakeObject(key, agent, entry, payload, effects, out isRead);
        Verdict verdict = epoch.Judge(entry, lastMs);
        if (verdict == Verdict.Duplicate)
        {
            effects.Count(entry, EntryOutcome.Duplicate);
        }
        else if (verdict == Verdict.Conflict)
        {
            effects.Quarantine(QuarantineReason.IdentityConflict, place, record, entry);
        }
        else if (!isRead)
        {
            FindDamaged(key, epoch, record, entry, place, effects);
        }
        else if (!isWhole && entry.Kind == EntryKind.Object)
        {
            // It may need an object that is still to come: a copy of it may pass.
            epoch.Know(entry.Seq);
            effects.Quarantine(QuarantineReason.Malformed, place, record, entry);
        }
        else if (!isWhole)
        {
            Refuse(QuarantineReason.Malformed, epoch, record, entry, place, effects);
        }
        else if (entry.Kind == EntryKind.Samples)
        {
            ApplyFrame(key, epoch, record, entry, schema, baseline, lastMs, place, effects);
        }
        else if (entry.Kind == EntryKind.Object || TakeNote(agent, record, entry, payload, effects, out isRead))
        {
            epoch.Settle(entry, lastMs);
            effects.Count(entry, EntryOutcome.Stored);
        }
        else if (isRead)
        {
            Refuse(QuarantineReason.Malformed, epoch, record, entry, place, effects);
        }
        else
        {
            FindDamaged(key, epoch, record, entry, place, effects);
        }
    }

    private static void FindDamaged(in AgentKey key, EpochState epoch, in RecordHeader record, in EntryHeader entry, in EntryPlace place, IEntryEffects effects)
    {
        if (epoch.Stored.Contains(entry.Seq)) return;
        epoch.Know(entry.Seq);
        if (!effects.IsVoid(key, record, entry, place)) effects.Damaged(key, record, entry, place);
    }

    private static bool WasSettled(AgentState? known, ulong epoch, ulong seq) =>
        known is not null && known.Epochs.TryGetValue(epoch, out EpochState? state) && state.Stored.Contains(seq);

    private static void Refuse(QuarantineReason reason, EpochState epoch, in RecordHeader record, in EntryHeader entry, in EntryPlace place, IEntryEffects effects)
    {
        epoch.Refuse(entry.Seq);
        effects.Quarantine(reason, place, record, entry);
    }

    private void ApplyFrame(
        in AgentKey key, EpochState epoch, in RecordHeader record, in EntryHeader entry, Schema? schema, PackedBaseline? baseline, long lastMs, in EntryPlace place, IEntryEffects effects)
    {
        if (!_horizon.Contains(entry.FirstMs, lastMs, record.ReceivedMs))
        {
            Refuse(QuarantineReason.OutsideHorizon, epoch, record, entry, place, effects);
        }
        else if (schema is null)
        {
            // It has come, so it is missing until its objects do, though nothing behind it has come.
            epoch.Know(entry.Seq);
            effects.Quarantine(QuarantineReason.MissingObjects, place, record, entry);
            Wait(key, new WaitingFrame(record, entry, lastMs, place));
        }
        else if (schema.SeriesCount != entry.Series)
        {
            Refuse(QuarantineReason.Malformed, epoch, record, entry, place, effects);
        }
        else
        {
            StoreFrame(epoch, record, entry, schema, baseline, lastMs, place, effects);
        }
    }

    private static void StoreFrame(
        EpochState epoch, in RecordHeader record, in EntryHeader entry, Schema schema, PackedBaseline? baseline, long lastMs, in EntryPlace place, IEntryEffects effects)
    {
        epoch.Settle(entry, lastMs);
        effects.Store(new StoreFrame
        {
            Record = record,
            Entry = entry,
            Schema = schema,
            Baseline = baseline,
            LastMs = lastMs,
            LogClass = place.Class,
            Position = place.Position,
            Length = place.Length,
        });
    }

    private bool TakeObject(in AgentKey key, AgentState agent, in EntryHeader named, in PayloadSource payload, IEntryEffects effects, out bool isRead)
    {
        ObjectTable objects = agent.Objects(payload.Class);
        isRead = payload.TryRead(out EntryHeader entry, out ReadOnlySpan<byte> bytes);
        if (isRead)
        {
            if (!objects.TryAdd((ObjectKind)entry.Form, entry.ObjectId, bytes[entry.HeaderBytes..], _shared)) return false;
        }
        else
        {
            // What the first reading still had is not lost to the snapshot.
            if (effects.Recall(key) is not { } known || !objects.TryTake(named.ObjectId, known.Objects(payload.Class))) return false;
            isRead = true;
        }

        if (_waiting.TryGetValue(key, out List<WaitingFrame>? frames)) Release(agent, frames, effects);
        return true;
    }

    private static bool TakeNote(AgentState agent, in RecordHeader record, in EntryHeader entry, in PayloadSource payload, IEntryEffects effects, out bool isRead)
    {
        isRead = payload.TryRead(out EntryHeader read, out ReadOnlySpan<byte> bytes);
        if (!isRead) return false;
        ReadOnlySpan<byte> body = bytes[read.HeaderBytes..];
        if (entry.Kind == EntryKind.Tombstone)
        {
            if (Tombstone.TryDecode(body) is not { } tombstone) return false;
            agent.Epoch(tombstone.Epoch).Drop(tombstone.FirstSeq, tombstone.LastSeq);
            return true;
        }

        if (entry.Form == (byte)DeclarationKind.Window) return WindowDeclaration.TryDecode(body) is not null;
        if (EpochStart.TryDecode(body) is not { } start) return false;
        if (agent.Epochs.TryGetValue(start.PreviousEpoch, out EpochState? ended)) ended.Know(start.PreviousLastSeq);
        var host = new HostDescription(record, entry.FirstMs, start.HostAttributes);
        if (agent.TryDescribe(host)) effects.Describe(host);
        return true;
    }

    private void Wait(in AgentKey key, WaitingFrame frame)
    {
        if (_waitingCount >= MaxWaiting) return;
        if (!_waiting.TryGetValue(key, out List<WaitingFrame>? frames)) _waiting[key] = frames = [];
        frames.Add(frame);
        _waitingCount++;
    }

    /// <summary>Frames before some positions no longer wait: the log no longer holds them, the quarantine does.</summary>
    public void ForgetWaiting(LogPositions before)
    {
        foreach (List<WaitingFrame> frames in _waiting.Values) _waitingCount -= frames.RemoveAll(frame => frame.Place.Position < before.Of(frame.Place.Class));
    }

    private void Release(AgentState agent, List<WaitingFrame> frames, IEntryEffects effects)
    {
        for (int i = 0; i < frames.Count; i++)
        {
            WaitingFrame frame = frames[i];
            if (!agent.Objects(frame.Place.Class).TryGetSchema(frame.Entry, out Schema? schema, out PackedBaseline? baseline)) continue;
            frames.RemoveAt(i--);
            _waitingCount--;
            EpochState epoch = agent.Epoch(frame.Record.Epoch);
            if (schema.SeriesCount == frame.Entry.Series && epoch.Judge(frame.Entry, frame.LastMs) == Verdict.New)
                StoreFrame(epoch, frame.Record, frame.Entry, schema, baseline, frame.LastMs, frame.Place, effects);
        }
    }

    private sealed record WaitingFrame(RecordHeader Record, EntryHeader Entry, long LastMs, EntryPlace Place);

    /// <summary>Reads an entry's bytes when, and only when, something needs them; they are valid until the next read.</summary>
    private readonly struct PayloadSource(ILogReader reader, EntryPlace place, ByteWriter buffer)
    {
        public LogClass Class => place.Class;

        public bool TryRead(out EntryHeader header, out ReadOnlySpan<byte> bytes)
        {
            buffer.Clear();
            Span<byte> target = buffer.Reserve(place.Length)[..place.Length];
            bytes = target;
            header = default;
            return reader.TryReadPayload(place.Position, target) && EntryHeader.TryRead(target, out header) == EntryError.None;
        }

        public bool TryReadLastMs(in EntryHeader entry, out long lastMs, out bool isRead)
        {
            lastMs = entry.FirstMs;
            isRead = TryRead(out EntryHeader header, out ReadOnlySpan<byte> bytes);
            if (!isRead) return false;
            long[] times = ArrayPool<long>.Shared.Rent(header.Ticks);
            try
            {
                bool read = FrameDecoder.TryReadTimes(bytes, header, times.AsSpan(0, header.Ticks));
                lastMs = read ? times[header.Ticks - 1] : lastMs;
                return read;
            }
            finally
            {
                ArrayPool<long>.Shared.Return(times);
            }
        }
    }
}
