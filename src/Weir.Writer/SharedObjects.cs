using System.Collections.Concurrent;
using Weir.Frames;

namespace Weir.Writer;

/// <summary>Shares equal templates and schemas between all hosts, by full content id: ten thousand hosts of one image hold one schema.</summary>
/// <remarks>Holds weakly, so an object lives as long as an agent has it. Safe for concurrent use.</remarks>
internal sealed class SharedObjects
{
    private readonly ConcurrentDictionary<ContentId, WeakReference<object>> _objects = new();

    // By the hash of their packed bytes. Apart from the others: packed bytes do not pass for canonical ones, nor these for those.
    private readonly ConcurrentDictionary<ContentId, WeakReference<object>> _packed = new();

    /// <summary>The instance shared under an id; null where nobody has one: whose bytes have this id need not be parsed again.</summary>
    public T? Find<T>(ContentId id)
        where T : class =>
        Held(_objects, id) as T;

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

    /// <summary>The shared object that unpacks from the bytes of this hash; null where nobody has it.</summary>
    public object? FindPacked(ContentId packedId) => Held(_packed, packedId);

    /// <summary>Remembers which packed bytes a shared object unpacks from, so that what many send alike is unpacked and parsed once.</summary>
    public void SharePacked(ContentId packedId, object shared) => _packed[packedId] = new WeakReference<object>(shared);

    private static object? Held(ConcurrentDictionary<ContentId, WeakReference<object>> objects, ContentId id) =>
        objects.TryGetValue(id, out WeakReference<object>? reference) && reference.TryGetTarget(out object? held) ? held : null;
}
