using Weir.Frames;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>The objects of a part: every template and schema that its directories name, so that a part can be read alone.</summary>
internal static class PartObjects
{
    private const int MaxObjects = 1 << 20;

    /// <summary>The bytes of the section: templates, each once, then schemas in the order of their index.</summary>
    public static byte[] Write(IReadOnlyList<Schema> schemas)
    {
        var templates = new Dictionary<ContentId, Template>();
        foreach (Schema schema in schemas)
            foreach (SchemaPart part in schema.Parts) templates.TryAdd(part.Template.Id, part.Template);
        var target = new ByteWriter(64 * 1024);
        target.Varint((ulong)templates.Count);
        foreach (Template template in templates.Values) Write(target, template.Canonical.Span);
        target.Varint((ulong)schemas.Count);
        foreach (Schema schema in schemas) Write(target, schema.Canonical.Span);
        return target.Written.ToArray();
    }

    /// <summary>Reads the section; null where it is malformed.</summary>
    /// <param name="raw">Its bytes.</param>
    /// <param name="known">Gives a schema that is held already, by its id.</param>
    public static Schema[]? TryRead(ReadOnlySpan<byte> raw, SchemaTable known)
    {
        var reader = new ByteReader(raw);
        var templates = new Dictionary<ContentId, ReadOnlyMemory<byte>>();
        var parsed = new Dictionary<ContentId, Template>();
        for (int i = reader.Count(MaxObjects); i > 0; i--)
        {
            byte[] canonical = reader.Bytes(reader.Count(FrameLimits.MaxObjectBytes)).ToArray();
            if (canonical.Length == 0) return null;
            templates[ContentId.Of(canonical)] = canonical;
        }

        int count = reader.Count(MaxObjects);
        if (reader.Failed || count > raw.Length) return null;
        var schemas = new Schema[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> canonical = reader.Bytes(reader.Count(FrameLimits.MaxObjectBytes));
            if (canonical.IsEmpty) return null;
            Schema? schema = known.Find(ContentId.Of(canonical)) ?? Schema.TryParse(canonical, Find);
            if (schema is null) return null;
            schemas[i] = known.Share(schema);
        }

        return reader.Failed || reader.Remaining != 0 ? null : schemas;

        Template? Find(ContentId id)
        {
            if (parsed.TryGetValue(id, out Template? template)) return template;
            if (!templates.TryGetValue(id, out ReadOnlyMemory<byte> canonical) || Template.TryParse(canonical.Span) is not { } read) return null;
            return parsed[id] = read;
        }
    }

    private static void Write(ByteWriter target, ReadOnlySpan<byte> canonical)
    {
        target.Varint((ulong)canonical.Length);
        target.Bytes(canonical);
    }
}
