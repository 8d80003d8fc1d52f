using System.Diagnostics.CodeAnalysis;
using Weir.Agent.Spooling;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>Decides what is sent next over one connection: entries due again first, then the spool in order; objects ahead of the frames that need them.</summary>
/// <remarks>Not thread-safe; guarded by the session's lock.</remarks>
internal sealed class SendQueue(AgentStore store, SentBatches sent, TimeSpan liveAge, TimeProvider time) : IDisposable
{
    private readonly PriorityQueue<OutgoingEntry, long> _again = new();
    private readonly Queue<OutgoingEntry> _ready = new();
    private readonly HashSet<ulong>[] _objectsSent = [[], []];
    private LogReader _reader = store.OpenReader(store.FirstUnsettledPosition());

    /// <summary>Where the spool has been read to.</summary>
    public long Position => _reader.Position;

    /// <summary>When the next entry is due again, in the clock's timestamps; null where none waits.</summary>
    public long? NextDue => _again.TryPeek(out _, out long due) ? due : null;

    /// <summary>Has an entry sent again, not before a delay.</summary>
    public void Again(OutgoingEntry entry, TimeSpan delay) =>
        _again.Enqueue(entry, time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency));

    /// <summary>The gateway does not know these objects.</summary>
    public void ForgetObjects(EntryClass entryClass, IEnumerable<ulong> objects)
    {
        foreach (ulong id in objects) _objectsSent[(int)entryClass].Remove(id);
    }

    /// <summary>Goes through the spool anew: entries that were settled are to be sent again.</summary>
    public void Rescan()
    {
        _reader.Dispose();
        _reader = store.OpenReader(store.FirstUnsettledPosition());
    }

    /// <summary>The next entry to be sent, left in the queue.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="lost">An entry that cannot be sent because its objects are gone.</param>
    public bool TryPeek([NotNullWhen(true)] out OutgoingEntry? entry, out SpooledEntry? lost)
    {
        lost = null;
        while (_ready.Count == 0)
        {
            if (!TryNext(out OutgoingEntry? next))
            {
                entry = null;
                return false;
            }

            if (TryPrepare(next)) continue;
            lost = next.Entry;
            entry = null;
            return false;
        }

        entry = _ready.Peek();
        return true;
    }

    /// <summary>Takes the peeked entry.</summary>
    public void Take() => _ready.Dequeue();

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private bool TryNext([NotNullWhen(true)] out OutgoingEntry? next)
    {
        if (_again.TryPeek(out next, out long due) && due <= time.GetTimestamp())
        {
            _again.Dequeue();
            return true;
        }

        while (_reader.TryRead(out LogEntry item))
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header)) continue;
            if (store.IsSettled(epoch, header.Seq) || sent.Contains((epoch, header.Seq))) continue;
            var entry = new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength);
            next = new OutgoingEntry(entry, ClassOf(header));
            return true;
        }

        next = null;
        return false;
    }

    private EntryClass ClassOf(in EntryHeader header)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return header.LastGridMs < now - (long)liveAge.TotalMilliseconds ? EntryClass.Backfill : EntryClass.Live;
    }

    private bool TryPrepare(OutgoingEntry next)
    {
        HashSet<ulong> known = _objectsSent[(int)next.Class];
        EntryHeader header = next.Entry.Header;
        if (header.Kind == EntryKind.Samples && !known.Contains(header.ObjectId) && !TryQueueObject(header.ObjectId, next.Class, known)) return false;
        if (header.Kind == EntryKind.Object && header.Form == (byte)ObjectKind.Schema && !TryQueueTemplates(next.Entry, next.Class, known)) return false;
        if (header.Kind == EntryKind.Object) known.Add(header.ObjectId);
        _ready.Enqueue(next);
        return true;
    }

    private bool TryQueueObject(ulong objectId, EntryClass entryClass, HashSet<ulong> known)
    {
        if (!store.TryGetObject(objectId, out SpooledEntry? entry)) return false;
        if (entry.Header.Form == (byte)ObjectKind.Schema && !TryQueueTemplates(entry, entryClass, known)) return false;
        known.Add(objectId);
        _ready.Enqueue(new OutgoingEntry(entry, entryClass));
        return true;
    }

    private bool TryQueueTemplates(SpooledEntry schema, EntryClass entryClass, HashSet<ulong> known)
    {
        var bytes = new byte[schema.Length];
        if (!store.TryRead(schema, bytes)) return false;
        if (ObjectCodec.TryUnpack(bytes.AsSpan(schema.Header.HeaderBytes)) is not { } canonical || Schema.TemplatesOf(canonical) is not { } templates) return false;
        foreach (ContentId template in templates)
            if (!known.Contains(template.Short) && !TryQueueObject(template.Short, entryClass, known)) return false;
        return true;
    }
}
