using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>One host of a partition: its attributes, its groups in the log, and where parts know it. Guarded by its partition's lock.</summary>
internal sealed class HotHost(string tenant, AgentId agent, int ordinal)
{
    private readonly Dictionary<ContentId, HotGroup> _groups = [];

    // The group of the frame before: nearly always that of the next.
    private HotGroup? _last;
    private long _sealedNewestMs;
    private int _sealedSeries;
    private int _sealedIntervalMs;
    private bool _isDescribed;

    /// <summary>Whose host.</summary>
    public string Tenant { get; } = tenant;

    /// <summary>Its agent.</summary>
    public AgentId Agent { get; } = agent;

    /// <summary>Its number in the partition: how parts name it in memory.</summary>
    public int Ordinal { get; } = ordinal;

    /// <summary>Groups by schema.</summary>
    public IReadOnlyCollection<HotGroup> Groups => _groups.Values;

    /// <summary>Labels that every series of the host carries. Replaced, never changed.</summary>
    public Label[] Labels { get; private set; } = [new("host_id", agent.ToString()), new("host_name", agent.ToString())];

    /// <summary>Host attributes as declared. Replaced, never changed.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; private set; } = new Dictionary<string, string>();

    /// <summary>The attributes as a part keeps them; empty where nobody has described the host.</summary>
    public IReadOnlyList<SeriesAttribute> Description => [.. Attributes.Select(static pair => new SeriesAttribute(pair.Key, pair.Value))];

    /// <summary>The group of a schema, made when it is new.</summary>
    public HotGroup Group(Schema schema, SchemaTable shared)
    {
        if (_last is not null && ReferenceEquals(_last.Schema, schema)) return _last;
        if (!_groups.TryGetValue(schema.Id, out HotGroup? group))
        {
            schema = shared.Share(schema);
            _groups[schema.Id] = group = new HotGroup(schema, SchemaLabels.Of(schema));
        }

        return _last = group;
    }

    /// <summary>The group of a schema; null where there is none.</summary>
    public HotGroup? FindGroup(Schema schema) => _groups.GetValueOrDefault(schema.Id);

    /// <summary>Takes the host's attributes.</summary>
    public void Describe(IReadOnlyList<SeriesAttribute> attributes)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (SeriesAttribute attribute in attributes) all[attribute.Key] = attribute.Value;
        all[HostAttributes.Id] = Agent.ToString();
        if (!all.TryGetValue(HostAttributes.Name, out string? name) || name.Length == 0) all[HostAttributes.Name] = Agent.ToString();
        Attributes = all;
        _isDescribed = true;
        Labels = [.. all.Where(static pair => HostAttributes.IsLabel(pair.Key) && pair.Value.Length > 0)
            .Select(static pair => new Label(PrometheusNames.Label(pair.Key, NamingRule.OpenTelemetry), pair.Value)).DistinctBy(static label => label.Name)];
    }

    /// <summary>Learns what a part says of the host. What the log says counts more.</summary>
    public void Learn(PartHostRow row)
    {
        if (!_isDescribed && row.Attributes.Count > 0)
        {
            Describe(row.Attributes);
            _isDescribed = false;
        }

        if (row.NewestMs < _sealedNewestMs) return;
        (_sealedNewestMs, _sealedSeries, _sealedIntervalMs) = (row.NewestMs, row.Series, row.IntervalMs);
    }

    /// <summary>Forgets frames, and groups without any.</summary>
    public void Forget(Predicate<PackedFrame> match)
    {
        foreach (HotGroup group in _groups.Values) group.Forget(match);
        foreach (ContentId id in _groups.Where(static pair => pair.Value.FrameCount == 0).Select(static pair => pair.Key).ToArray()) _groups.Remove(id);
        _last = null;
    }

    /// <summary>What the fleet page shows.</summary>
    public HostInfo Info()
    {
        long newest = 0;
        foreach (HotGroup group in _groups.Values) newest = Math.Max(newest, group.NewestMs);
        int interval = 0, series = 0;
        foreach (HotGroup group in _groups.Values)
        {
            if (group.IntervalMs > 0 && (interval == 0 || group.IntervalMs < interval)) interval = group.IntervalMs;
            // A schema that was replaced (a device came or went) keeps its old frames but no longer counts.
            if (group.NewestMs >= newest - 300_000) series += group.Schema.SeriesCount;
        }

        bool isSealed = _sealedNewestMs > newest;
        return new HostInfo
        {
            Tenant = Tenant,
            AgentId = Agent.ToString(),
            Name = Attributes.TryGetValue(HostAttributes.Name, out string? name) ? name : Agent.ToString(),
            Attributes = Attributes,
            LastSampleMs = isSealed ? _sealedNewestMs : newest,
            IntervalMs = interval > 0 ? interval : _sealedIntervalMs,
            SeriesCount = series > 0 ? series : _sealedSeries,
        };
    }
}
