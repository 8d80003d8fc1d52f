using Weir.Frames;

namespace Weir.Gateway;

/// <summary>The objects that have come over one stream and class: a frame is appended only behind what it is decoded with.</summary>
internal sealed class ObjectsSeen
{
    // A stream that brings more objects than any honest agent has is forgetful rather than unbounded: NEED asks again.
    private const int MaxObjects = 10_000;

    private readonly HashSet<ulong> _seen = [];

    /// <summary>Whether an object has come.</summary>
    public bool Contains(ulong objectId) => _seen.Contains(objectId);

    /// <summary>Nothing has come.</summary>
    public void Clear() => _seen.Clear();

    /// <summary>Checks an object's payload against its name.</summary>
    /// <param name="entry">Header of the entry.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="missing">Receives the objects that it needs and that have not come.</param>
    /// <returns>False where the payload is not the object that the header names.</returns>
    public bool TryAdd(in EntryHeader entry, ReadOnlySpan<byte> payload, List<ulong> missing)
    {
        if (ObjectCodec.TryGetParent(payload, out ulong parent))
        {
            // Its content cannot be checked without its parent's, which is not kept here: the writer checks it.
            if (!_seen.Contains(parent)) missing.Add(parent);
        }
        else if (ObjectCodec.TryUnpack(payload) is not { } canonical || !TryFindMissing(entry, canonical, missing))
        {
            return false;
        }

        if (missing.Count > 0) return true;
        if (_seen.Count >= MaxObjects) _seen.Clear();
        _seen.Add(entry.ObjectId);
        return true;
    }

    private bool TryFindMissing(in EntryHeader entry, ReadOnlySpan<byte> canonical, List<ulong> missing)
    {
        if (canonical[0] != entry.Form || ContentId.Of(canonical).Short != entry.ObjectId) return false;
        switch ((ObjectKind)entry.Form)
        {
            case ObjectKind.Template:
                return Template.TryParse(canonical) is not null;
            case ObjectKind.Schema:
                if (Schema.TemplatesOf(canonical) is not { } templates) return false;
                foreach (ContentId template in templates)
                    if (!_seen.Contains(template.Short) && !missing.Contains(template.Short)) missing.Add(template.Short);
                return true;
            default:
                if (Baseline.SchemaOf(canonical) is not { } schema) return false;
                if (!_seen.Contains(schema.Short)) missing.Add(schema.Short);
                return true;
        }
    }
}
