using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>Which objects have gone over this connection, per class, and which must go ahead of an entry. Not thread-safe.</summary>
/// <remarks>All are said again every hour, and when there are very many: a gateway may forget them too, and answers NEED at worst.</remarks>
internal sealed class ObjectsAhead(AgentStore store, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Repeat = TimeSpan.FromHours(1);

    private readonly HashSet<ulong>[] _sent = [[], []];
    private readonly Dictionary<ulong, ContentId[]> _templates = [];
    private long _since = time.GetTimestamp();

    /// <summary>Finds the objects that must go ahead of an entry, each behind what it needs itself, and takes note that they go.</summary>
    /// <returns>False where one of them is no longer in the spool.</returns>
    public bool TryResolve(in SpooledEntry entry, EntryClass entryClass, List<SpooledEntry> ahead)
    {
        if (time.GetElapsedTime(_since) >= Repeat || _sent[(int)entryClass].Count >= MaxRemembered)
        {
            foreach (HashSet<ulong> each in _sent) each.Clear();
            _since = time.GetTimestamp();
        }

        bool resolved = entry.Header.Kind switch
        {
            EntryKind.Samples => TryAdd(entry.Header.ObjectId, entryClass, ahead),
            EntryKind.Object when entry.IsSchema => TryAddTemplates(entry, entryClass, ahead),
            _ => true,
        };
        if (!resolved) return false;
        foreach (SpooledEntry each in ahead) _sent[(int)entryClass].Add(each.Header.ObjectId);
        if (entry.Header.Kind == EntryKind.Object) _sent[(int)entryClass].Add(entry.Header.ObjectId);
        return true;
    }

    /// <summary>The gateway does not know an object.</summary>
    public void Forget(EntryClass entryClass, ulong objectId) => _sent[(int)entryClass].Remove(objectId);

    private bool TryAdd(ulong objectId, EntryClass entryClass, List<SpooledEntry> ahead)
    {
        if (_sent[(int)entryClass].Contains(objectId) || ahead.Exists(each => each.Header.ObjectId == objectId)) return true;
        IReadOnlyList<SpooledEntry> copies = store.CopiesOf(objectId);
        for (int i = copies.Count - 1; i >= 0; i--)
        {
            if (copies[i].IsSchema && !TryAddTemplates(copies[i], entryClass, ahead)) continue;
            ahead.Add(copies[i]);
            return true;
        }

        return false;
    }

    private bool TryAddTemplates(in SpooledEntry schema, EntryClass entryClass, List<SpooledEntry> ahead)
    {
        if (TemplatesOf(schema) is not { } templates) return false;
        foreach (ContentId template in templates)
            if (!TryAdd(template.Short, entryClass, ahead)) return false;
        return true;
    }

    private ContentId[]? TemplatesOf(in SpooledEntry schema)
    {
        if (_templates.TryGetValue(schema.Header.ObjectId, out ContentId[]? known)) return known;
        var bytes = new byte[schema.Length];
        if (store.TryRead(schema, bytes) != SpoolRead.Whole) return null;
        if (ObjectCodec.TryUnpack(bytes.AsSpan(schema.Header.HeaderBytes)) is not { } canonical || Schema.TemplatesOf(canonical) is not { } templates) return null;
        if (_templates.Count >= MaxRemembered) _templates.Clear();
        return _templates[schema.Header.ObjectId] = [.. templates];
    }
}
