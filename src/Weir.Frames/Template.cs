namespace Weir.Frames;

/// <summary>A list of metrics that share attribute keys. Content-addressed and shared by the whole fleet; never contains attributes of a host.</summary>
/// <remarks>Immutable. <c>docs/formats/objects.md</c> draws its bytes.</remarks>
public sealed class Template
{
    private const byte FormatVersion = 1;
    private const int MaxMetrics = 10_000;

    private readonly byte[] _canonical;

    /// <summary>Makes a template.</summary>
    /// <exception cref="ArgumentException">A name is empty, too long or stands twice, or there are too many.</exception>
    public Template(NamingRule naming, IReadOnlyList<string> attributeKeys, IReadOnlyList<Metric> metrics)
        : this(naming, [.. attributeKeys], [.. metrics], canonical: null)
    {
        if (Validate() is { } problem) throw new ArgumentException(problem);
    }

    private Template(NamingRule naming, string[] attributeKeys, Metric[] metrics, byte[]? canonical)
    {
        Naming = naming;
        AttributeKeys = attributeKeys;
        Metrics = metrics;
        _canonical = canonical ?? Encode();
        Id = ContentId.Of(_canonical);
    }

    /// <summary>Which rules the names follow.</summary>
    public NamingRule Naming { get; }

    /// <summary>The attribute keys for which every instance gives a value.</summary>
    public IReadOnlyList<string> AttributeKeys { get; }

    /// <summary>The metrics, in series order.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Hash of <see cref="Canonical"/>.</summary>
    public ContentId Id { get; }

    /// <summary>The bytes that <see cref="Id"/> is the hash of.</summary>
    public ReadOnlyMemory<byte> Canonical => _canonical;

    /// <summary>Reads canonical bytes; null where they are not a template within the limits.</summary>
    public static Template? TryParse(ReadOnlySpan<byte> canonical)
    {
        var reader = new ByteReader(canonical);
        if (reader.U8() != (byte)ObjectKind.Template || reader.U8() != FormatVersion) return null;
        byte naming = reader.U8();
        if (naming > (byte)NamingRule.Prometheus) return null;
        var keys = new string[reader.Count(FrameLimits.MaxAttributes)];
        for (int i = 0; i < keys.Length; i++) keys[i] = reader.String(FrameLimits.MaxNameBytes);
        int count = reader.Count(MaxMetrics);
        if (count > reader.Remaining / 3) return null;
        var metrics = new Metric[count];
        for (int i = 0; i < metrics.Length; i++)
        {
            string name = reader.String(FrameLimits.MaxNameBytes);
            string unit = reader.String(FrameLimits.MaxNameBytes);
            byte kind = reader.U8();
            if (kind > (byte)MetricKind.Counter) return null;
            metrics[i] = new Metric(name, unit, (MetricKind)kind);
        }

        if (reader.Failed || reader.Remaining != 0) return null;
        var template = new Template((NamingRule)naming, keys, metrics, canonical.ToArray());
        return template.Validate() is null ? template : null;
    }

    private byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.U8((byte)ObjectKind.Template);
        writer.U8(FormatVersion);
        writer.U8((byte)Naming);
        writer.Varint((ulong)AttributeKeys.Count);
        foreach (string key in AttributeKeys) writer.String(key);
        writer.Varint((ulong)Metrics.Count);
        foreach (Metric metric in Metrics)
        {
            writer.String(metric.Name);
            writer.String(metric.Unit);
            writer.U8((byte)metric.Kind);
        }

        return writer.Written.ToArray();
    }

    private string? Validate()
    {
        if (AttributeKeys.Count > FrameLimits.MaxAttributes) return $"more than {FrameLimits.MaxAttributes} attribute keys";
        if (Metrics.Count is 0 or > MaxMetrics) return $"a template has 1 to {MaxMetrics} metrics";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string key in AttributeKeys)
            if (!IsName(key) || !seen.Add(key)) return $"attribute key '{key}' is empty, too long or stands twice";
        seen.Clear();
        foreach (Metric metric in Metrics)
        {
            if (!IsName(metric.Name) || !seen.Add(metric.Name)) return $"metric name '{metric.Name}' is empty, too long or stands twice";
            if (ByteCount(metric.Unit) > FrameLimits.MaxNameBytes) return $"the unit of '{metric.Name}' is too long";
        }

        return null;
    }

    private static bool IsName(string name) => name.Length > 0 && ByteCount(name) <= FrameLimits.MaxNameBytes;

    private static int ByteCount(string text) => System.Text.Encoding.UTF8.GetByteCount(text);
}
