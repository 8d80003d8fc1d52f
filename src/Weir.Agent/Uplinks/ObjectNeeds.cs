using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Uplinks;

/// <summary>What a spooled object needs ahead of it: a schema its templates, a baseline its schema, one packed against a parent that. Not thread-safe.</summary>
internal sealed class ObjectNeeds(AgentStore store)
{
    private const int MaxRemembered = 10_000;

    private readonly Dictionary<long, ulong[]> _needs = [];
    private readonly ObjectReader _objects = new(store);

    /// <summary>Ids of the objects that the one in an entry needs, the last being its own schema where it is a baseline; null where it cannot be read.</summary>
    /// <exception cref="LogException">The disk does not give it now.</exception>
    public ulong[]? Of(in SpooledEntry entry)
    {
        if (_needs.TryGetValue(entry.Position, out ulong[]? known)) return known;
        if (_objects.ReadPayload(entry) is not { } payload || _objects.TryUnpack(payload) is not { } canonical || NeedsOf(canonical) is not { } needs) return null;
        // Copies of an object may be packed differently: this one, against another.
        if (ObjectCodec.TryGetParent(payload, out ulong parent)) needs = [parent, .. needs];
        if (_needs.Count >= MaxRemembered) _needs.Clear();
        return _needs[entry.Position] = needs;
    }

    private static ulong[]? NeedsOf(byte[] canonical)
    {
        if ((ObjectKind)canonical[0] == ObjectKind.Baseline) return Baseline.SchemaOf(canonical) is { } schema ? [schema.Short] : null;
        return Schema.TemplatesOf(canonical) is { } templates ? [.. templates.Select(static template => template.Short)] : null;
    }
}
