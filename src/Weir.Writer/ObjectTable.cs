using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weir.Frames;

namespace Weir.Writer;

/// <summary>The objects of one agent that came in one class of the log, by the eight bytes that its entries name them by.</summary>
/// <remarks>
/// Bounded: the <see cref="MaxSchemas"/> schemas and <see cref="MaxTemplates"/> templates that were sent or named last, and of each schema the <see cref="BaselinesPerSchema"/>
/// baselines that came last. A schema whose frames come stays, however many others come and go. What is kept depends on the entries of this agent and class in their order
/// and on nothing else, so that reading the log again, beside whatever the other class holds, keeps the same. Not thread-safe.
/// </remarks>
internal sealed class ObjectTable
{
    /// <summary>Schemas of one agent and class: several hundred changes of devices or processes may be under way at once.</summary>
    public const int MaxSchemas = 256;

    /// <summary>Templates of one agent and class: several for each schema that lives.</summary>
    public const int MaxTemplates = 4096;

    /// <summary>Baselines of one schema: the present one, the one before for entries sent again, and one to spare.</summary>
    public const int BaselinesPerSchema = 3;

    // At most the largest object, per thread that takes objects in.
    [ThreadStatic]
    private static ByteWriter? _unpacked;

    private readonly Dictionary<ulong, (Template Template, ulong Used)> _templates = [];
    private readonly Dictionary<ulong, KnownSchema> _schemas = [];
    private readonly Dictionary<ulong, (PackedBaseline Baseline, KnownSchema Schema)> _baselines = [];
    private ulong _uses;

    // What the frame before named: nearly always what the next one does. Forgotten with any object.
    private PackedBaseline? _lastBaseline;
    private KnownSchema? _last;
    private ulong _lastName;

    /// <summary>Templates in the order of their last use, for snapshots.</summary>
    public IEnumerable<Template> Templates => _templates.Values.OrderBy(static known => known.Used).Select(static known => known.Template);

    /// <summary>Schemas in the order of their last use, for snapshots.</summary>
    public IEnumerable<Schema> Schemas => InOrder.Select(static known => known.Schema);

    /// <summary>Baselines, those of each schema as they came, for snapshots.</summary>
    public IEnumerable<PackedBaseline> Baselines => InOrder.SelectMany(static known => known.Baselines);

    private IEnumerable<KnownSchema> InOrder => _schemas.Values.OrderBy(static known => known.Used);

    /// <summary>The schema that a frame names, itself or by its baseline. To be named is to be used.</summary>
    public bool TryGetSchema(in EntryHeader frame, [NotNullWhen(true)] out Schema? schema, out PackedBaseline? baseline)
    {
        KnownSchema? known;
        if (_last is not null && _lastName == frame.ObjectId && (_lastBaseline is null) == (frame.Form == (byte)CodecId.Plain))
        {
            (known, baseline) = (_last, _lastBaseline);
        }
        else if (frame.Form == (byte)CodecId.Plain)
        {
            baseline = null;
            _schemas.TryGetValue(frame.ObjectId, out known);
        }
        else
        {
            (baseline, known) = _baselines.GetValueOrDefault(frame.ObjectId);
        }

        (_lastName, _last, _lastBaseline) = (frame.ObjectId, known, baseline);
        schema = known?.Schema;
        if (known is not null) known.Used = ++_uses;
        return schema is not null;
    }

    /// <summary>Takes in an object.</summary>
    /// <param name="kind">Its kind, as its header says.</param>
    /// <param name="objectId">Its name.</param>
    /// <param name="payload">Its packed bytes.</param>
    /// <param name="shared">Where equal objects of all agents meet.</param>
    /// <returns>False where it is malformed, is not what it is named, or needs an object that the agent has not sent.</returns>
    public bool TryAdd(ObjectKind kind, ulong objectId, ReadOnlySpan<byte> payload, SharedObjects shared)
    {
        bool isWhole = !ObjectCodec.TryGetParent(payload, out _);
        // A fleet sends the same templates and schemas in the same bytes; its baselines are all different.
        ContentId packedId = kind != ObjectKind.Baseline && isWhole ? ContentId.Of(payload) : default;
        if (packedId != default && shared.FindPacked(packedId) is { } known) return TryTake(known, objectId);

        ByteWriter unpacked = _unpacked ??= new ByteWriter();
        unpacked.Clear();
        if (!ObjectCodec.TryUnpack(payload, CanonicalOf, unpacked)) return false;
        ReadOnlySpan<byte> canonical = unpacked.Written;
        ContentId id = ContentId.Of(canonical);
        if (id.Short != objectId) return false;
        if ((ObjectKind)canonical[0] == ObjectKind.Baseline) return TryAddBaseline(id, canonical, payload, isWhole);
        if (!TryAdd(id, canonical, shared)) return false;
        if (packedId != default && shared.Find<object>(id) is { } taken) shared.SharePacked(packedId, taken);
        return true;
    }

    /// <summary>Takes in a template or schema.</summary>
    /// <param name="id">Hash of its canonical bytes.</param>
    /// <param name="canonical">Its canonical bytes.</param>
    /// <param name="shared">Where equal objects of all agents meet.</param>
    /// <returns>False where it is malformed or needs a template that the agent has not sent.</returns>
    public bool TryAdd(ContentId id, ReadOnlySpan<byte> canonical, SharedObjects shared)
    {
        if (shared.Find<object>(id) is { } known) return TryTake(known, id.Short);
        object? fresh = (ObjectKind)canonical[0] switch
        {
            ObjectKind.Template => Template.TryParse(canonical),
            ObjectKind.Schema => Schema.TryParse(canonical, TemplateOf),
            _ => null,
        };
        return fresh is not null && TryTake(shared.Share(id, fresh), id.Short);
    }

    /// <summary>Takes in an object that another table of the same agent holds.</summary>
    /// <returns>False where it holds none of this name, or one that needs an object that is not here.</returns>
    public bool TryTake(ulong objectId, ObjectTable other)
    {
        if (other._templates.TryGetValue(objectId, out (Template Template, ulong) template)) return Take(template.Template);
        if (other._schemas.TryGetValue(objectId, out KnownSchema? schema)) return TryTake(schema.Schema);
        return other._baselines.TryGetValue(objectId, out (PackedBaseline Baseline, KnownSchema Schema) baseline)
            && _schemas.TryGetValue(baseline.Schema.Schema.Id.Short, out KnownSchema? known) && known.Schema.Id == baseline.Schema.Schema.Id && Take(baseline.Baseline, known);
    }

    /// <summary>A template or schema is used now: what a snapshot says last of all.</summary>
    public void Use(ContentId id)
    {
        if (_schemas.TryGetValue(id.Short, out KnownSchema? schema)) schema.Used = ++_uses;
        else TemplateOf(id);
    }

    private bool TryTake(object known, ulong objectId) => known switch
    {
        Template template when template.Id.Short == objectId => Take(template),
        Schema schema when schema.Id.Short == objectId => TryTake(schema),
        _ => false,
    };

    private bool Take(Template template)
    {
        if (_templates.Count >= MaxTemplates && !_templates.ContainsKey(template.Id.Short)) _templates.Remove(_templates.MinBy(static pair => pair.Value.Used).Key);
        _templates[template.Id.Short] = (template, ++_uses);
        return true;
    }

    private bool TryTake(Schema schema)
    {
        if (_schemas.TryGetValue(schema.Id.Short, out KnownSchema? known) && known.Schema.Id == schema.Id)
        {
            known.Used = ++_uses;
            return true;
        }

        // Another agent's templates do not stand in for those that this one has not sent.
        foreach (SchemaPart part in schema.Parts)
            if (TemplateOf(part.Template.Id) is null) return false;
        if (_schemas.Count >= MaxSchemas && known is null) known = _schemas.Values.MinBy(static each => each.Used);
        if (known is not null) Forget(known);
        _schemas[schema.Id.Short] = new KnownSchema(schema) { Used = ++_uses };
        return true;
    }

    private ReadOnlyMemory<byte>? CanonicalOf(ulong objectId)
    {
        if (_schemas.TryGetValue(objectId, out KnownSchema? schema)) return schema.Schema.Canonical;
        return _baselines.TryGetValue(objectId, out (PackedBaseline Baseline, KnownSchema) known) ? known.Baseline.Unpack().Canonical : null;
    }

    private Template? TemplateOf(ContentId id)
    {
        ref (Template Template, ulong Used) known = ref CollectionsMarshal.GetValueRefOrNullRef(_templates, id.Short);
        if (Unsafe.IsNullRef(ref known) || known.Template.Id != id) return null;
        known.Used = ++_uses;
        return known.Template;
    }

    private bool TryAddBaseline(ContentId id, ReadOnlySpan<byte> canonical, ReadOnlySpan<byte> payload, bool isWhole)
    {
        if (!Baseline.IsValid(canonical, out ContentId schemaId, out int seriesCount)
            || !_schemas.TryGetValue(schemaId.Short, out KnownSchema? known) || known.Schema.Id != schemaId
            || known.Schema.SeriesCount != seriesCount) return false;
        PackedBaseline packed = _baselines.TryGetValue(id.Short, out (PackedBaseline Baseline, KnownSchema Schema) held) && held.Schema == known
            ? held.Baseline
            : new PackedBaseline(id.Short, known.Schema, isWhole ? payload.ToArray() : ObjectCodec.Pack(canonical));
        return Take(packed, known);
    }

    private bool Take(PackedBaseline packed, KnownSchema known)
    {
        known.Baselines.RemoveAll(each => each.Id == packed.Id);
        known.Baselines.Add(packed);
        known.Used = ++_uses;
        _baselines[packed.Id] = (packed, known);
        if (known.Baselines.Count <= BaselinesPerSchema) return true;
        _baselines.Remove(known.Baselines[0].Id);
        known.Baselines.RemoveAt(0);
        _last = null;
        return true;
    }

    private void Forget(KnownSchema known)
    {
        foreach (PackedBaseline baseline in known.Baselines) _baselines.Remove(baseline.Id);
        _schemas.Remove(known.Schema.Id.Short);
        _last = null;
    }

    private sealed class KnownSchema(Schema schema)
    {
        public Schema Schema => schema;

        public List<PackedBaseline> Baselines { get; } = [];

        public ulong Used { get; set; }
    }
}
