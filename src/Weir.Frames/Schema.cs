using System.IO.Hashing;

namespace Weir.Frames;

/// <summary>The series of a group: a list of templates with instances. Content-addressed and shared by every host with the same devices.</summary>
/// <remarks>
/// Series order: parts in order, within a part instances in order, within an instance the template's metrics.
/// Immutable and safe to share between threads. <c>docs/formats/objects.md</c> draws its bytes.
/// </remarks>
public sealed class Schema
{
    private const byte FormatVersion = 1;

    private readonly byte[] _canonical;
    private readonly ulong[] _seriesHashes;
    private readonly int[] _partStarts;

    /// <summary>Makes a schema.</summary>
    /// <exception cref="ArgumentException">An instance does not fit its template, or a limit is exceeded.</exception>
    public Schema(IReadOnlyList<SchemaPart> parts)
        : this([.. parts], canonical: null)
    {
        if (Validate() is { } problem) throw new ArgumentException(problem, nameof(parts));
    }

    private Schema(SchemaPart[] parts, byte[]? canonical)
    {
        Parts = parts;
        _partStarts = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            _partStarts[i] = SeriesCount;
            SeriesCount += parts[i].SeriesCount;
        }

        _canonical = canonical ?? Encode();
        Id = ContentId.Of(_canonical);
        _seriesHashes = new ulong[SeriesCount];
        HashSeries();
    }

    /// <summary>Templates with instances, in series order.</summary>
    public IReadOnlyList<SchemaPart> Parts { get; }

    /// <summary>How many series (S).</summary>
    public int SeriesCount { get; }

    /// <summary>Hash of <see cref="Canonical"/>.</summary>
    public ContentId Id { get; }

    /// <summary>The bytes that <see cref="Id"/> is the hash of.</summary>
    public ReadOnlyMemory<byte> Canonical => _canonical;

    /// <summary>Hash of each series' canonical bytes (name and sorted attributes), for <see cref="SampleDigest"/>.</summary>
    public ReadOnlySpan<ulong> SeriesHashes => _seriesHashes;

    /// <summary>For each series of another schema: where this one has it; -1 where it has not.</summary>
    internal int[] PlacesIn(Schema other)
    {
        var here = new Dictionary<ulong, int>(SeriesCount);
        for (int s = 0; s < SeriesCount; s++) here.TryAdd(_seriesHashes[s], s);
        var places = new int[other.SeriesCount];
        for (int s = 0; s < places.Length; s++) places[s] = here.GetValueOrDefault(other._seriesHashes[s], -1);
        return places;
    }

    /// <summary>The metric of a series.</summary>
    public Metric MetricOf(int series)
    {
        SchemaPart part = PartOf(series, out int index);
        return part.Template.Metrics[index % part.Template.Metrics.Count];
    }

    /// <summary>The naming rule of a series.</summary>
    public NamingRule NamingOf(int series) => PartOf(series, out _).Template.Naming;

    /// <summary>The attributes of a series, empty ones left out, in the template's order.</summary>
    public SeriesAttribute[] AttributesOf(int series)
    {
        var attributes = new List<SeriesAttribute>();
        CopyAttributes(series, attributes);
        return [.. attributes];
    }

    /// <summary>Copies the attributes of a series, empty ones left out, in the template's order.</summary>
    /// <param name="series">Which, from 0.</param>
    /// <param name="attributes">Receives them; what it held is forgotten.</param>
    public void CopyAttributes(int series, List<SeriesAttribute> attributes)
    {
        SchemaPart part = PartOf(series, out int index);
        string[] values = part.Instances[index / part.Template.Metrics.Count];
        attributes.Clear();
        for (int key = 0; key < values.Length; key++)
            if (values[key].Length > 0) attributes.Add(new SeriesAttribute(part.Template.AttributeKeys[key], values[key]));
    }

    /// <summary>The templates that a schema's canonical bytes name; null where the bytes are not a schema.</summary>
    public static IReadOnlyList<ContentId>? TemplatesOf(ReadOnlySpan<byte> canonical)
    {
        var found = new List<ContentId>();
        return Parse(canonical, id => { found.Add(id); return null; }) is ParseOutcome.Malformed ? null : found;
    }

    /// <summary>Reads canonical bytes; null where they are not a schema within the limits, or name a template that <paramref name="templates"/> does not give.</summary>
    public static Schema? TryParse(ReadOnlySpan<byte> canonical, Func<ContentId, Template?> templates)
    {
        var parts = new List<SchemaPart>();
        if (Parse(canonical, templates, parts) != ParseOutcome.Whole) return null;
        var schema = new Schema([.. parts], canonical.ToArray());
        return schema.Validate() is null ? schema : null;
    }

    private enum ParseOutcome
    {
        Whole,
        TemplateUnknown,
        Malformed,
    }

    private static ParseOutcome Parse(ReadOnlySpan<byte> canonical, Func<ContentId, Template?> templates, List<SchemaPart>? parts = null)
    {
        var reader = new ByteReader(canonical);
        if (reader.U8() != (byte)ObjectKind.Schema || reader.U8() != FormatVersion) return ParseOutcome.Malformed;
        int partCount = reader.Count(FrameLimits.MaxParts);
        var outcome = ParseOutcome.Whole;
        long series = 0;
        for (int p = 0; p < partCount && !reader.Failed; p++)
        {
            ReadOnlySpan<byte> id = reader.Bytes(ContentId.Size);
            if (id.IsEmpty) return ParseOutcome.Malformed;
            Template? template = templates(ContentId.Read(id));
            if (template is null) outcome = ParseOutcome.TemplateUnknown;
            int keyCount = reader.Count(FrameLimits.MaxAttributes);
            if (template is not null && template.AttributeKeys.Count != keyCount) return ParseOutcome.Malformed;
            int instanceCount = reader.Count(FrameLimits.MaxSeries);
            // A value takes a byte; several instances without values mean nothing, and are no way to ask for memory.
            if (instanceCount > 1 && (long)instanceCount * Math.Max(1, keyCount) > reader.Remaining) return ParseOutcome.Malformed;
            // Of all parts, before memory is taken: those without keys have instances that take no bytes.
            series += (long)instanceCount * (template?.Metrics.Count ?? 1);
            if (series > FrameLimits.MaxSeries) return ParseOutcome.Malformed;
            if (parts is null || template is null)
            {
                for (long value = 0; value < (long)instanceCount * keyCount && !reader.Failed; value++) reader.SkipString(FrameLimits.MaxValueBytes);
                continue;
            }

            var instances = new string[instanceCount][];
            for (int i = 0; i < instanceCount && !reader.Failed; i++)
            {
                instances[i] = keyCount == 0 ? [] : new string[keyCount];
                for (int k = 0; k < keyCount; k++) instances[i][k] = reader.String(FrameLimits.MaxValueBytes);
            }

            parts.Add(new SchemaPart(template, instances));
        }

        return reader.Failed || reader.Remaining != 0 ? ParseOutcome.Malformed : outcome;
    }

    private byte[] Encode()
    {
        var writer = new ByteWriter(4096);
        Span<byte> id = stackalloc byte[ContentId.Size];
        writer.U8((byte)ObjectKind.Schema);
        writer.U8(FormatVersion);
        writer.Varint((ulong)Parts.Count);
        foreach (SchemaPart part in Parts)
        {
            part.Template.Id.Write(id);
            writer.Bytes(id);
            writer.Varint((ulong)part.Template.AttributeKeys.Count);
            writer.Varint((ulong)part.Instances.Count);
            foreach (string[] instance in part.Instances)
                foreach (string value in instance) writer.String(value);
        }

        return writer.Written.ToArray();
    }

    // By index: no enumerator for each instance.
    private void HashSeries()
    {
        var writer = new ByteWriter();
        int series = 0;
        foreach (SchemaPart part in Parts)
        {
            int[] order = [.. Enumerable.Range(0, part.Template.AttributeKeys.Count)];
            Array.Sort(order, (a, b) => string.CompareOrdinal(part.Template.AttributeKeys[a], part.Template.AttributeKeys[b]));
            for (int i = 0; i < part.Instances.Count; i++)
            {
                string[] instance = part.Instances[i];
                for (int m = 0; m < part.Template.Metrics.Count; m++)
                {
                    writer.Clear();
                    writer.String(part.Template.Metrics[m].Name);
                    foreach (int key in order)
                    {
                        if (key >= instance.Length || instance[key].Length == 0) continue;
                        writer.String(part.Template.AttributeKeys[key]);
                        writer.String(instance[key]);
                    }

                    _seriesHashes[series++] = XxHash3.HashToUInt64(writer.Written);
                }
            }
        }
    }

    private SchemaPart PartOf(int series, out int index)
    {
        int part = Array.BinarySearch(_partStarts, series);
        if (part < 0) part = ~part - 1;
        while (part + 1 < _partStarts.Length && _partStarts[part + 1] <= series) part++;
        index = series - _partStarts[part];
        return Parts[part];
    }

    private string? Validate()
    {
        if (SeriesCount is 0 or > FrameLimits.MaxSeries) return $"a schema has 1 to {FrameLimits.MaxSeries} series";
        if (Parts.Count > FrameLimits.MaxParts) return $"a schema has at most {FrameLimits.MaxParts} parts";
        if (_canonical.Length > FrameLimits.MaxObjectBytes) return $"the schema has more than {FrameLimits.MaxObjectBytes} bytes";
        foreach (SchemaPart part in Parts)
        {
            foreach (string[] instance in part.Instances)
            {
                if (instance.Length != part.Template.AttributeKeys.Count)
                    return $"an instance has {instance.Length} values for {part.Template.AttributeKeys.Count} attribute keys";
                foreach (string value in instance)
                    if (System.Text.Encoding.UTF8.GetByteCount(value) > FrameLimits.MaxValueBytes)
                        return $"an attribute value has more than {FrameLimits.MaxValueBytes} bytes";
            }
        }

        return null;
    }
}
