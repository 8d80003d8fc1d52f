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

    /// <summary>Checks an object's payload against its name.</summary>
    /// <param name="entry">Header of the entry.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="missing">Receives the objects that it needs and that have not come.</param>
    /// <returns>False where the payload is not the object that the header names.</returns>
    public bool TryAdd(in EntryHeader entry, ReadOnlySpan<byte> payload, List<ulong> missing)
    {
        byte[]? canonical = ObjectCodec.TryUnpack(payload);
        if (canonical is null || canonical.Length == 0 || canonical[0] != entry.Form || ContentId.Of(canonical).Short != entry.ObjectId) return false;
        if (entry.Form == (byte)ObjectKind.Schema)
        {
            if (Schema.TemplatesOf(canonical) is not { } templates) return false;
            foreach (ContentId template in templates)
                if (!_seen.Contains(template.Short) && !missing.Contains(template.Short)) missing.Add(template.Short);
            if (missing.Count > 0) return true;
        }
        else if (Template.TryParse(canonical) is null)
        {
            return false;
        }

        if (_seen.Count >= MaxObjects) _seen.Clear();
        _seen.Add(entry.ObjectId);
        return true;
    }
}
