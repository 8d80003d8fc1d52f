using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>Which objects of one id have gone over this connection, per class, and which must go ahead of an entry. Not thread-safe.</summary>
/// <remarks>
/// All are said again every hour, and when there are very many: a gateway may forget them too, and answers NEED at worst. Of a schema's baselines only the last counts
/// as said: writers keep few, so that a frame of an older one, asked for again, brings its own along.
/// </remarks>
internal sealed class ObjectsAhead(AgentStore store, Log.AgentId agent, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Repeat = TimeSpan.FromHours(1);

    private readonly HashSet<ulong>[] _sent = [[], []];
    private readonly Dictionary<ulong, ulong>[] _baselineOf = [[], []];
    private readonly ObjectNeeds _needs = new(store);
    private long _since = time.GetTimestamp();

    /// <summary>Finds the objects that must go ahead of an entry, each behind what it needs itself, and takes note that they go.</summary>
    /// <returns>False where one of them is no longer in the spool.</returns>
    /// <exception cref="Log.LogException">The disk does not give one of them now: nothing has been noted.</exception>
    public bool TryResolve(in SpooledEntry entry, EntryClass entryClass, List<SpooledEntry> ahead)
    {
        if (time.GetElapsedTime(_since) >= Repeat || _sent[(int)entryClass].Count >= MaxRemembered)
        {
            foreach (HashSet<ulong> each in _sent) each.Clear();
            foreach (Dictionary<ulong, ulong> each in _baselineOf) each.Clear();
            _since = time.GetTimestamp();
        }

        bool resolved = entry.Header.Kind switch
        {
            EntryKind.Samples => TryAdd(entry.Header.ObjectId, entryClass, ahead),
            EntryKind.Object when entry.NeedsObjects => TryAddNeeds(entry, entryClass, ahead),
            _ => true,
        };
        if (!resolved) return false;
        foreach (SpooledEntry each in ahead) NoteSent(each, entryClass);
        if (entry.Header.Kind == EntryKind.Object) NoteSent(entry, entryClass);
        return true;
    }

    /// <summary>The gateway does not know an object.</summary>
    public void Forget(EntryClass entryClass, ulong objectId) => _sent[(int)entryClass].Remove(objectId);

    private void NoteSent(in SpooledEntry entry, EntryClass entryClass)
    {
        ulong id = entry.Header.ObjectId;
        _sent[(int)entryClass].Add(id);
        if (entry.Header.Form != (byte)ObjectKind.Baseline || _needs.Of(entry) is not [.., var schema]) return;
        Dictionary<ulong, ulong> baselines = _baselineOf[(int)entryClass];
        if (baselines.TryGetValue(schema, out ulong before) && before != id) _sent[(int)entryClass].Remove(before);
        baselines[schema] = id;
    }

    private bool TryAdd(ulong objectId, EntryClass entryClass, List<SpooledEntry> ahead)
    {
        if (_sent[(int)entryClass].Contains(objectId) || ahead.Exists(each => each.Header.ObjectId == objectId)) return true;
        IReadOnlyList<SpooledEntry> copies = store.CopiesOf(objectId);
        for (int i = copies.Count - 1; i >= 0; i--)
        {
            // Under another id it would be another agent's.
            if (store.IdOf(copies[i].StartNumber) != agent) continue;
            if (copies[i].NeedsObjects && !TryAddNeeds(copies[i], entryClass, ahead)) continue;
            ahead.Add(copies[i]);
            return true;
        }

        return false;
    }

    private bool TryAddNeeds(in SpooledEntry entry, EntryClass entryClass, List<SpooledEntry> ahead)
    {
        if (_needs.Of(entry) is not { } needs) return false;
        foreach (ulong need in needs)
            if (!TryAdd(need, entryClass, ahead)) return false;
        return true;
    }
}
