using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>A host in the table of a part, as it stands in the file. A host with many groups may have several rows.</summary>
internal sealed record PartHostRow
{
    /// <summary>Most schemas of a row: a host with more gets another.</summary>
    public const int MaxSchemas = 1 << 16;

    private const int MaxAttributes = 128;
    private const int MaxRows = 1 << 24;

    /// <summary>Whose host.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its agent.</summary>
    public required AgentId Agent { get; init; }

    /// <summary>Its attributes as described last when the part was made; empty where nobody had described it.</summary>
    public required IReadOnlyList<SeriesAttribute> Attributes { get; init; }

    /// <summary>Where its directory stands.</summary>
    public required PartSection Directory { get; init; }

    /// <summary>Indexes of the schemas that the directory speaks of, ascending: whoever wants others need not read it.</summary>
    public required int[] Schemas { get; init; }

    /// <summary>Time of the newest tick, Unix ms.</summary>
    public required long NewestMs { get; init; }

    /// <summary>Series of its groups that were alive at the end.</summary>
    public required int Series { get; init; }

    /// <summary>Distance of ticks in its fastest group, ms; 0 where unknown.</summary>
    public required int IntervalMs { get; init; }

    /// <summary>Appends the row.</summary>
    public void Write(ByteWriter target, long hourMs)
    {
        Span<byte> id = stackalloc byte[AgentId.Size];
        Agent.Write(id);
        target.String(Tenant);
        target.Bytes(id);
        target.Varint((ulong)Directory.Offset);
        target.Varint((ulong)Directory.Length);
        target.U32(Directory.Crc);
        target.Varint((ulong)Schemas.Length);
        foreach (int schema in Schemas) target.Varint((ulong)schema);
        target.Varint((ulong)(NewestMs - hourMs));
        target.Varint((ulong)Series);
        target.Varint((ulong)IntervalMs);
        target.Varint((ulong)Attributes.Count);
        foreach (SeriesAttribute attribute in Attributes)
        {
            target.String(attribute.Key);
            target.String(attribute.Value);
        }
    }

    /// <summary>Reads the table; null where it is malformed.</summary>
    public static List<PartHostRow>? TryReadTable(ReadOnlySpan<byte> raw, long hourMs)
    {
        var reader = new ByteReader(raw);
        int count = reader.Count(MaxRows);
        if (count > raw.Length) return null;
        var rows = new List<PartHostRow>(count);
        for (int i = 0; i < count; i++)
        {
            if (TryRead(ref reader, hourMs) is not { } row) return null;
            rows.Add(row);
        }

        return reader.Failed || reader.Remaining != 0 ? null : rows;
    }

    private static PartHostRow? TryRead(ref ByteReader reader, long hourMs)
    {
        string tenant = reader.String(RecordHeader.MaxNameBytes);
        if (!AgentId.TryRead(reader.Bytes(AgentId.Size), out AgentId agent)) return null;
        ulong offset = reader.Varint();
        int length = reader.Count(int.MaxValue);
        var directory = new PartSection((long)offset, length, reader.U32());
        var schemas = new int[reader.Count(MaxSchemas)];
        for (int i = 0; i < schemas.Length; i++) schemas[i] = reader.Count(int.MaxValue);
        int newest = reader.Count((int)PartFormat.HourMs - 1);
        int series = reader.Count(int.MaxValue), interval = reader.Count((int)PartFormat.HourMs);
        int count = reader.Count(MaxAttributes);
        if (reader.Failed || offset > long.MaxValue) return null;
        SeriesAttribute[] attributes = count == 0 ? [] : new SeriesAttribute[count];
        for (int i = 0; i < count; i++) attributes[i] = new SeriesAttribute(reader.String(FrameLimits.MaxNameBytes), reader.String(FrameLimits.MaxValueBytes));
        return reader.Failed ? null : new PartHostRow
        {
            Tenant = tenant, Agent = agent, Attributes = attributes, Directory = directory, Schemas = schemas, NewestMs = hourMs + newest, Series = series, IntervalMs = interval,
        };
    }
}
