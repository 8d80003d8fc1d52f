using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

/// <summary>A receiver that has only what it was given: decodes frames with the objects that came before them.</summary>
internal sealed class ObjectShelf
{
    private readonly FrameDecoder _decoder = new();
    private readonly Dictionary<ulong, byte[]> _canonical = [];
    private readonly Dictionary<ulong, Template> _templates = [];
    private readonly Dictionary<ulong, Schema> _schemas = [];
    private readonly Dictionary<ulong, Baseline> _baselines = [];

    public int Frames { get; private set; }

    public int ProfiledFrames { get; private set; }

    public int Baselines => _baselines.Count;

    /// <summary>Objects that came as differences.</summary>
    public int Differences { get; private set; }

    /// <summary>Takes an entry in; a frame or object that needs what has not come fails the test.</summary>
    /// <returns>The samples of a frame; null for other entries.</returns>
    public DecodedFrame? Take(EntryHeader header, ReadOnlySpan<byte> entry)
    {
        if (header.Kind == EntryKind.Object) TakeObject(header, entry[header.HeaderBytes..]);
        if (header.Kind != EntryKind.Samples) return null;
        Baseline? baseline = null;
        if (header.Form == (byte)CodecId.Profiled)
        {
            Assert.True(_baselines.TryGetValue(header.ObjectId, out baseline), "a frame came before its baseline");
            ProfiledFrames++;
        }

        Assert.True(_schemas.TryGetValue(baseline?.SchemaId.Short ?? header.ObjectId, out Schema? schema), "a frame came before its schema");
        var samples = new DecodedFrame();
        Assert.Equal(EntryError.None, _decoder.Decode(entry, header, schema, baseline, samples));
        Frames++;
        return samples;
    }

    private void TakeObject(EntryHeader header, ReadOnlySpan<byte> payload)
    {
        if (ObjectCodec.TryGetParent(payload, out ulong parent))
        {
            Assert.True(_canonical.ContainsKey(parent), "a difference came before what it differs from");
            Differences++;
        }

        byte[]? canonical = ObjectCodec.TryUnpack(payload, id => _canonical.TryGetValue(id, out byte[]? known) ? known : null);
        Assert.NotNull(canonical);
        Assert.Equal(header.ObjectId, ContentId.Of(canonical).Short);
        _canonical[header.ObjectId] = canonical;
        switch ((ObjectKind)header.Form)
        {
            case ObjectKind.Template:
                _templates[header.ObjectId] = Template.TryParse(canonical)!;
                break;
            case ObjectKind.Schema:
                Schema? schema = Schema.TryParse(canonical, id => _templates.GetValueOrDefault(id.Short));
                Assert.True(schema is not null, "a schema came before its templates");
                _schemas[header.ObjectId] = schema;
                break;
            default:
                Baseline? baseline = Baseline.TryParse(canonical);
                Assert.NotNull(baseline);
                Assert.True(_schemas.ContainsKey(baseline.SchemaId.Short), "a baseline came before its schema");
                _baselines[header.ObjectId] = baseline;
                break;
        }
    }
}
