using System.Diagnostics.CodeAnalysis;
using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>The objects of one agent, by the eight bytes that its entries name them by.</summary>
/// <remarks>
/// Bounded: of schemas the <see cref="MaxSchemas"/> that came last, of each schema and class of the log the <see cref="BaselinesPerSchema"/> baselines that came last: a backlog
/// brings old ones by the dozen and must not push out what live frames name. What is forgotten comes again ahead of the frames that name it. Not thread-safe.
/// </remarks>
internal sealed class ObjectTable
{
    /// <summary>Schemas of one agent: several hundred changes of devices or processes may be under way at once.</summary>
    public const int MaxSchemas = 256;

    /// <summary>Baselines of one schema and class: the present one, the one before for entries sent again, and one to spare.</summary>
    public const int BaselinesPerSchema = 3;

    private static readonly LogClass[] AllClasses = [LogClass.Live, LogClass.Backfill];

    // At most the largest object, per thread that takes objects in.
    [ThreadStatic]
    private static ByteWriter? _unpacked;

    private readonly Dictionary<ulong, Template> _templates = [];
    private readonly Dictionary<ulong, KnownSchema> _schemas = [];
    private readonly Dictionary<ulong, PackedBaseline> _baselines = [];
    private ulong _arrivals;

    // What the frame before named: nearly always what the next one does. Forgotten with any object.
    private PackedBaseline? _lastBaseline;
    private Schema? _lastSchema;
    private ulong _lastName;

    /// <summary>Templates, for snapshots.</summary>
    public IReadOnlyCollection<Template> Templates => _templates.Values;

    /// <summary>Schemas as they came, for snapshots.</summary>
    public IEnumerable<Schema> Schemas => _schemas.Values.OrderBy(static known => known.Arrival).Select(static known => known.Schema);

    /// <summary>Baselines with their classes, those of each schema as they came, for snapshots.</summary>
    public IEnumerable<(LogClass Class, PackedBaseline Baseline)> Baselines => _schemas.Values.OrderBy(static known => known.Arrival)
        .SelectMany(static known => AllClasses.SelectMany(logClass => known.Of(logClass).Select(baseline => (logClass, baseline))));

    /// <summary>The schema that a frame names, itself or by its baseline.</summary>
    public bool TryGetSchema(in EntryHeader frame, [NotNullWhen(true)] out Schema? schema, out PackedBaseline? baseline)
    {
        if (_lastSchema is not null && _lastName == frame.ObjectId && (_lastBaseline is null) == (frame.Form == (byte)CodecId.Plain))
        {
            (schema, baseline) = (_lastSchema, _lastBaseline);
            return true;
        }

        baseline = null;
        schema = null;
        if (frame.Form == (byte)CodecId.Plain)
        {
            if (_schemas.TryGetValue(frame.ObjectId, out KnownSchema? known)) schema = known.Schema;
        }
        else if (_baselines.TryGetValue(frame.ObjectId, out baseline))
        {
            schema = baseline.Schema;
        }

        (_lastName, _lastSchema, _lastBaseline) = (frame.ObjectId, schema, baseline);
        return schema is not null;
    }

    /// <summary>Takes in an object.</summary>
    /// <param name="kind">Its kind, as its header says.</param>
    /// <param name="objectId">Its name.</param>
    /// <param name="payload">Its packed bytes.</param>
    /// <param name="logClass">Class of the log it came in.</param>
    /// <param name="shared">Where equal objects of all agents meet.</param>
    /// <returns>False where it is malformed, is not what it is named, or needs an object that the agent has not sent.</returns>
    public bool TryAdd(ObjectKind kind, ulong objectId, ReadOnlySpan<byte> payload, LogClass logClass, SharedObjects shared)
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
        if ((ObjectKind)canonical[0] == ObjectKind.Baseline) return TryAddBaseline(id, canonical, logClass, payload, isWhole);
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

    private bool TryTake(object known, ulong objectId) => known switch
    {
        Template template when template.Id.Short == objectId => Take(template),
        Schema schema when schema.Id.Short == objectId => TryTake(schema),
        _ => false,
    };

    private bool Take(Template template)
    {
        _templates[template.Id.Short] = template;
        return true;
    }

    private bool TryTake(Schema schema)
    {
        if (_schemas.TryGetValue(schema.Id.Short, out KnownSchema? known) && known.Schema.Id == schema.Id)
        {
            known.Arrival = ++_arrivals;
            return true;
        }

        // Another agent's templates do not stand in for those that this one has not sent.
        foreach (SchemaPart part in schema.Parts)
            if (TemplateOf(part.Template.Id) is null) return false;
        if (_schemas.Count >= MaxSchemas) Forget(_schemas.MinBy(static pair => pair.Value.Arrival));
        _schemas[schema.Id.Short] = new KnownSchema(schema) { Arrival = ++_arrivals };
        _lastSchema = null;
        return true;
    }

    private ReadOnlyMemory<byte>? CanonicalOf(ulong objectId)
    {
        if (_schemas.TryGetValue(objectId, out KnownSchema? schema)) return schema.Schema.Canonical;
        return _baselines.TryGetValue(objectId, out PackedBaseline? baseline) ? baseline.Unpack().Canonical : null;
    }

    private Template? TemplateOf(ContentId id) => _templates.TryGetValue(id.Short, out Template? template) && template.Id == id ? template : null;

    private bool TryAddBaseline(ContentId id, ReadOnlySpan<byte> canonical, LogClass logClass, ReadOnlySpan<byte> payload, bool isWhole)
    {
        if (!Baseline.IsValid(canonical, out ContentId schemaId, out int seriesCount)
            || !_schemas.TryGetValue(schemaId.Short, out KnownSchema? known) || known.Schema.Id != schemaId
            || known.Schema.SeriesCount != seriesCount) return false;
        if (!_baselines.TryGetValue(id.Short, out PackedBaseline? packed))
            _baselines[id.Short] = packed = new PackedBaseline(id.Short, known.Schema, isWhole ? payload.ToArray() : ObjectCodec.Pack(canonical));
        List<PackedBaseline> kept = known.Of(logClass);
        kept.Remove(packed);
        kept.Add(packed);
        if (kept.Count <= BaselinesPerSchema) return true;
        PackedBaseline oldest = kept[0];
        kept.RemoveAt(0);
        _lastSchema = null;
        if (!AllClasses.Any(each => known.Of(each).Contains(oldest))) _baselines.Remove(oldest.Id);
        return true;
    }

    private void Forget(KeyValuePair<ulong, KnownSchema> schema)
    {
        foreach (LogClass logClass in AllClasses)
            foreach (PackedBaseline baseline in schema.Value.Of(logClass)) _baselines.Remove(baseline.Id);
        _schemas.Remove(schema.Key);
        _lastSchema = null;
    }

    private sealed class KnownSchema(Schema schema)
    {
        private readonly List<PackedBaseline>[] _baselines = [[], []];

        public Schema Schema => schema;

        public List<PackedBaseline> Of(LogClass logClass) => _baselines[(int)logClass];

        public ulong Arrival { get; set; }
    }
}
