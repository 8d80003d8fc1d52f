using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Weir.Frames;

namespace Weir.Writer;

/// <summary>Shares equal templates and schemas between all hosts, by full content id: ten thousand hosts of one image hold one schema.</summary>
/// <remarks>Holds weakly, so an object lives as long as an agent has it. Safe for concurrent use.</remarks>
internal sealed class SharedObjects
{
    private readonly ConcurrentDictionary<ContentId, WeakReference<object>> _objects = new();

    /// <summary>The shared instance equal to this one.</summary>
    public T Share<T>(ContentId id, T fresh)
        where T : class
    {
        WeakReference<object> reference = _objects.GetOrAdd(id, static (_, value) => new WeakReference<object>(value), fresh);
        lock (reference)
        {
            if (reference.TryGetTarget(out object? held) && held is T shared) return shared;
            reference.SetTarget(fresh);
            return fresh;
        }
    }
}

/// <summary>The objects of one agent, by the eight bytes that its entries name them by.</summary>
internal sealed class ObjectTable
{
    private readonly Dictionary<ulong, Template> _templates = [];
    private readonly Dictionary<ulong, Schema> _schemas = [];

    /// <summary>Templates, for snapshots.</summary>
    public IReadOnlyCollection<Template> Templates => _templates.Values;

    /// <summary>Schemas, for snapshots.</summary>
    public IReadOnlyCollection<Schema> Schemas => _schemas.Values;

    /// <summary>The schema that a frame names.</summary>
    public bool TryGetSchema(ulong objectId, [NotNullWhen(true)] out Schema? schema) => _schemas.TryGetValue(objectId, out schema);

    /// <summary>Takes in an object's canonical bytes.</summary>
    /// <returns>False where they are malformed, or name a template that the agent has not sent.</returns>
    public bool TryAdd(ReadOnlySpan<byte> canonical, SharedObjects shared)
    {
        if (canonical.IsEmpty) return false;
        if (canonical[0] == (byte)ObjectKind.Template)
        {
            if (Template.TryParse(canonical) is not { } template) return false;
            _templates[template.Id.Short] = shared.Share(template.Id, template);
            return true;
        }

        ContentId id = ContentId.Of(canonical);
        if (_schemas.TryGetValue(id.Short, out Schema? held) && held.Id == id) return true;
        Schema? schema = Schema.TryParse(canonical, wanted => _templates.TryGetValue(wanted.Short, out Template? t) && t.Id == wanted ? t : null);
        if (schema is null) return false;
        _schemas[id.Short] = shared.Share(id, schema);
        return true;
    }
}
