using Weir.Frames;
using Weir.Log;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Oracle;

/// <summary>All objects that an agent ever made, and how its series are called in answers.</summary>
internal sealed class AgentObjects
{
    private readonly Dictionary<ContentId, Template> _templates = [];
    private readonly Dictionary<ulong, string[]> _series = [];
    private string _hostName = "";

    /// <summary>Schemas by their short id.</summary>
    public Dictionary<ulong, Schema> Schemas { get; } = [];

    /// <summary>Baselines by their short id.</summary>
    public Dictionary<ulong, Baseline> Baselines { get; } = [];

    /// <summary>Reads entries in the order in which they were made.</summary>
    public static AgentObjects Read(IEnumerable<byte[]> entries)
    {
        var objects = new AgentObjects();
        foreach (byte[] entry in entries)
        {
            Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
            ReadOnlySpan<byte> payload = entry.AsSpan(header.HeaderBytes);
            if (header.Kind == EntryKind.Object) objects.Add((ObjectKind)header.Form, payload);
            else if (header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart })
                objects._hostName = EpochStart.TryDecode(payload)!.HostAttributes.First(static attribute => attribute.Key == "host.name").Value;
        }

        return objects;
    }

    /// <summary>The series of a schema, as they are called in answers.</summary>
    public string[] SeriesOf(ulong schemaId, AgentId agent)
    {
        if (_series.TryGetValue(schemaId, out string[]? known)) return known;
        Schema schema = Schemas[schemaId];
        SeriesAttribute[] host = [new("host_id", agent.ToString()), new("host_name", _hostName)];
        return _series[schemaId] =
        [
            .. Enumerable.Range(0, schema.SeriesCount).Select(s => SeriesText.Format(
                PrometheusNames.Metric(schema.MetricOf(s), schema.NamingOf(s)),
                schema.AttributesOf(s).Select(attribute => attribute with { Key = PrometheusNames.Label(attribute.Key, schema.NamingOf(s)) }).Concat(host))),
        ];
    }

    private void Add(ObjectKind kind, ReadOnlySpan<byte> payload)
    {
        byte[]? canonical = ObjectCodec.TryUnpack(payload, CanonicalOf);
        // Its parent stood in a segment that was damaged before it was ever linked: whoever names it fails by name.
        if (canonical is null) return;
        if (kind == ObjectKind.Template && Template.TryParse(canonical) is { } template) _templates[template.Id] = template;
        else if (kind == ObjectKind.Schema && Schema.TryParse(canonical, id => _templates.GetValueOrDefault(id)) is { } schema) Schemas[schema.Id.Short] = schema;
        else if (kind == ObjectKind.Baseline && Baseline.TryParse(canonical) is { } baseline) Baselines[baseline.Id.Short] = baseline;
    }

    private ReadOnlyMemory<byte>? CanonicalOf(ulong id) =>
        Schemas.TryGetValue(id, out Schema? schema) ? schema.Canonical : Baselines.TryGetValue(id, out Baseline? baseline) ? baseline.Canonical : null;
}
