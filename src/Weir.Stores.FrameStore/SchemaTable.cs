using System.Collections.Concurrent;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>Shares equal schemas between hot groups and parts, so that labels and matches are made once.</summary>
/// <remarks>Holds weakly: a schema lives as long as a group or part has it. Safe for concurrent use.</remarks>
internal sealed class SchemaTable
{
    private readonly ConcurrentDictionary<ContentId, WeakReference<Schema>> _schemas = new();

    /// <summary>The schema held under an id; null where there is none.</summary>
    public Schema? Find(ContentId id) =>
        _schemas.TryGetValue(id, out WeakReference<Schema>? reference) && reference.TryGetTarget(out Schema? held) ? held : null;

    /// <summary>The shared instance equal to this one.</summary>
    public Schema Share(Schema schema)
    {
        WeakReference<Schema> reference = _schemas.GetOrAdd(schema.Id, static (_, fresh) => new WeakReference<Schema>(fresh), schema);
        lock (reference)
        {
            if (reference.TryGetTarget(out Schema? held)) return held;
            reference.SetTarget(schema);
            return schema;
        }
    }

    /// <summary>Forgets names whose schemas are gone.</summary>
    public void Sweep()
    {
        foreach ((ContentId id, WeakReference<Schema> reference) in _schemas)
            if (!reference.TryGetTarget(out _)) _schemas.TryRemove(new KeyValuePair<ContentId, WeakReference<Schema>>(id, reference));
    }
}
