using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Uploads;

/// <summary>Cuts a stretch of the spool into chunks: runs of entries of one epoch, in seq order, with every object that they need. Not thread-safe.</summary>
/// <remarks>
/// A segment carries the objects of its frames ahead of them, so that for each there is a copy of the same epoch with a lower seq: taken along, it stands
/// ahead in the chunk by seq order alone. What is settled already is left out, unless something needs it; what cannot be brought along whole is
/// left to the stream, which knows what to do with it.
/// </remarks>
internal sealed class ChunkPlanner(AgentStore store, long from, long end, int maxBytes) : IDisposable
{
    private readonly SpoolCursor _cursor = new(store, from, end);
    private readonly ObjectNeeds _needs = new(store);
    private readonly SortedDictionary<ulong, SpooledEntry> _chunk = [];
    private readonly Dictionary<ulong, SpooledEntry> _found = [];
    private int _bytes;

    /// <summary>The entries of the next chunk, in seq order; null at the end.</summary>
    /// <exception cref="Log.LogException">The disk does not give an object now.</exception>
    public IReadOnlyList<SpooledEntry>? Next()
    {
        _chunk.Clear();
        _bytes = 0;
        ulong epoch = 0;
        while (_cursor.TryPeek(out SpooledEntry entry))
        {
            if (_chunk.Count > 0 && entry.Epoch != epoch) break;
            epoch = entry.Epoch;
            if (!store.IsSettled(entry.Epoch, entry.Seq) && store.MaySend(entry.StartNumber) && TryResolve(entry))
            {
                int bytes = _found.Values.Sum(static each => each.Length + EntryRun.PrefixBytes);
                if (_chunk.Count > 0 && _bytes + bytes > maxBytes) break;
                if (bytes <= maxBytes) Add(bytes);
            }

            _cursor.Skip();
        }

        return _chunk.Count == 0 ? null : [.. _chunk.Values];
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor.Dispose();

    private void Add(int bytes)
    {
        foreach ((ulong seq, SpooledEntry entry) in _found) _chunk[seq] = entry;
        _bytes += bytes;
    }

    private bool TryResolve(in SpooledEntry entry)
    {
        _found.Clear();
        return entry.Header.Kind == EntryKind.Samples ? TryFind(entry.Header.ObjectId, entry) && TryAdd(entry) : TryAddWithNeeds(entry);
    }

    private bool TryAddWithNeeds(in SpooledEntry entry)
    {
        if (_chunk.ContainsKey(entry.Seq) || _found.ContainsKey(entry.Seq)) return true;
        if (entry.NeedsObjects)
        {
            if (_needs.Of(entry) is not { } needs) return false;
            foreach (ulong need in needs)
                if (!TryFind(need, entry)) return false;
        }

        return TryAdd(entry);
    }

    private bool TryAdd(in SpooledEntry entry)
    {
        _found[entry.Seq] = entry;
        return true;
    }

    // The newest copy before the entry, of its epoch: the one that stands in its own segment.
    private bool TryFind(ulong objectId, in SpooledEntry before)
    {
        IReadOnlyList<SpooledEntry> copies = store.CopiesOf(objectId);
        for (int i = copies.Count - 1; i >= 0; i--)
            if (copies[i].Epoch == before.Epoch && copies[i].Seq < before.Seq) return TryAddWithNeeds(copies[i]);
        return false;
    }
}
