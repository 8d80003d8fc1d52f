using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>Decides what is sent next over one connection: fresh entries first, then what is due again, then the backlog; objects ahead of what needs them.</summary>
/// <remarks>
/// The spool is read from two places: from where it is younger than a minute, and from the oldest entry that is not settled up to there. A tail that
/// falls behind hands what has grown old to the backlog. Nothing is kept per waiting entry. Not thread-safe.
/// </remarks>
internal sealed class Outbox : IDisposable
{
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(2);

    private readonly AgentStore _store;
    private readonly TimeSpan _liveAge;
    private readonly TimeProvider _time;
    private readonly Dictionary<Log.AgentId, ObjectsAhead> _objects = [];
    private readonly EpochRanges _offered = new();
    private readonly Queue<OutgoingEntry>[] _staged = [new(), new()];
    private readonly List<SpooledEntry> _ahead = [];
    private readonly SpoolCursor _backlog;
    private SpoolCursor _tail;

    /// <summary>Begins at what the spool holds now.</summary>
    /// <exception cref="Log.LogException">The disk does not give the newest of it.</exception>
    public Outbox(AgentStore store, TimeSpan liveAge, TimeProvider time)
    {
        _store = store;
        _liveAge = liveAge;
        _time = time;
        Again = new ResendQueue(store, time);
        long first = store.FirstUnsettledPosition(), live = Math.Max(first, FirstLive());
        _backlog = new SpoolCursor(store, first, live);
        _tail = new SpoolCursor(store, live, long.MaxValue);
    }

    /// <summary>What is to be offered again.</summary>
    public ResendQueue Again { get; }

    /// <summary>Finds the next entry; it stays the next until taken.</summary>
    /// <param name="admits">Whether an entry of this many bytes may go in a class now.</param>
    /// <param name="next">The entry.</param>
    /// <param name="objectless">An entry that cannot be sent because its objects are gone; it is not the next any more.</param>
    public bool TryPeek(Func<EntryClass, int, bool> admits, out OutgoingEntry next, out SpooledEntry? objectless)
    {
        while (true)
        {
            objectless = null;
            foreach (Queue<OutgoingEntry> staged in _staged)
                if (staged.TryPeek(out next) && admits(next.Class, next.Bytes)) return true;

            next = default;
            if (!TryStageNext(admits, out objectless) || objectless is not null) return false;
        }
    }

    /// <summary>Takes the peeked entry.</summary>
    public void Take(in OutgoingEntry entry) => _staged[(int)entry.Class].Dequeue();

    /// <summary>An entry that was taken could not be read now: it is offered again later.</summary>
    public void PutOff(in OutgoingEntry next)
    {
        if (next.Entry.Header.Kind == EntryKind.Object) ForgetObject(next.Class, next.Entry.Header.ObjectId);
        Again.Add(next.Entry.Epoch, next.Entry.Seq, next.Entry.Seq, ReadAgain);
    }

    /// <summary>The gateway does not know an object.</summary>
    public void ForgetObject(EntryClass entryClass, ulong objectId)
    {
        foreach (ObjectsAhead objects in _objects.Values) objects.Forget(entryClass, objectId);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Again.Dispose();
        _backlog.Dispose();
        _tail.Dispose();
    }

    private bool TryStageNext(Func<EntryClass, int, bool> admits, out SpooledEntry? objectless)
    {
        objectless = null;
        if (TryPeekTail(out SpooledEntry entry) && MayStage(entry, admits, out EntryClass entryClass))
        {
            _tail.Skip();
            return Stage(entry, entryClass, out objectless);
        }

        if (Again.TryPeek(out entry) && MayStage(entry, admits, out entryClass))
        {
            Again.Take(entry);
            return Stage(entry, entryClass, out objectless);
        }

        if (TryPeekUnoffered(_backlog, out entry) && MayStage(entry, admits, out entryClass))
        {
            _backlog.Skip();
            return Stage(entry, entryClass, out objectless);
        }

        return false;
    }

    private bool TryPeekTail(out SpooledEntry entry)
    {
        while (TryPeekUnoffered(_tail, out entry))
        {
            if (ClassOf(entry) == EntryClass.Live) return true;
            long live = FirstLive();
            if (live > entry.Position)
            {
                _tail.Dispose();
                _backlog.End = live;
                _tail = new SpoolCursor(_store, live, long.MaxValue);
                continue;
            }

            // Old behind something young, as after a step of the clock: it must not hold up what is fresh behind it.
            Again.Add(entry.Epoch, entry.Seq, entry.Seq, TimeSpan.Zero);
            _tail.Skip();
        }

        return false;
    }

    private bool TryPeekUnoffered(SpoolCursor cursor, out SpooledEntry entry)
    {
        while (cursor.TryPeek(out entry))
        {
            if (!_offered.Contains(entry.Epoch, entry.Seq) && !_store.IsSettled(entry.Epoch, entry.Seq) && _store.MaySend(entry.StartNumber)) return true;
            cursor.Skip();
        }

        return false;
    }

    // What waits in a class keeps its order: nothing is staged behind an entry that may not go yet.
    private bool MayStage(in SpooledEntry entry, Func<EntryClass, int, bool> admits, out EntryClass entryClass)
    {
        entryClass = ClassOf(entry);
        return _staged[(int)entryClass].Count == 0 && admits(entryClass, entry.Length + EntryRun.PrefixBytes);
    }

    private bool Stage(in SpooledEntry entry, EntryClass entryClass, out SpooledEntry? objectless)
    {
        _ahead.Clear();
        objectless = null;
        try
        {
            if (!ObjectsOf(entry).TryResolve(entry, entryClass, _ahead))
            {
                objectless = entry;
                return true;
            }
        }
        catch (Log.LogException e) when (e.Error == Log.LogError.ReadFailed)
        {
            _store.NotGiven(e);
            PutOff(new OutgoingEntry(entry, entryClass));
            return true;
        }

        foreach (SpooledEntry each in _ahead) Enqueue(each, entryClass);
        Enqueue(entry, entryClass);
        return true;
    }

    private ObjectsAhead ObjectsOf(in SpooledEntry entry)
    {
        Log.AgentId agent = _store.IdOf(entry.StartNumber);
        if (!_objects.TryGetValue(agent, out ObjectsAhead? objects)) _objects[agent] = objects = new ObjectsAhead(_store, agent, _time);
        return objects;
    }

    private void Enqueue(in SpooledEntry entry, EntryClass entryClass)
    {
        _staged[(int)entryClass].Enqueue(new OutgoingEntry(entry, entryClass));
        _offered.Add(entry.Epoch, entry.Seq, entry.Seq);
        Again.Forget(entry.Epoch, entry.Seq);
    }

    private EntryClass ClassOf(in SpooledEntry entry) => entry.NewestMs >= LiveSinceMs() ? EntryClass.Live : EntryClass.Backfill;

    private long FirstLive() => _store.FirstSince(LiveSinceMs());

    private long LiveSinceMs() => _time.GetUtcNow().ToUnixTimeMilliseconds() - (long)_liveAge.TotalMilliseconds;
}
