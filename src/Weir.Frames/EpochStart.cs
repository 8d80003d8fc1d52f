namespace Weir.Frames;

/// <summary>The first entry of an epoch: who the host is, and where the epoch before ended.</summary>
/// <remarks>
/// Naming the previous epoch's last durable entry turns ticks that were lost in memory into a declared loss.
/// The host's attributes hold from the entry's time on. <c>docs/formats/declaration.md</c> draws the bytes.
/// </remarks>
public sealed record EpochStart
{
    private const int MaxAttributes = 64;

    /// <summary>The epoch before; 0 at an agent's first start.</summary>
    public ulong PreviousEpoch { get; init; }

    /// <summary>Its last durable entry; 0 where it had none.</summary>
    public ulong PreviousLastSeq { get; init; }

    /// <summary>Time of its last durable tick, Unix ms; 0 where it had none.</summary>
    public long PreviousLastTickMs { get; init; }

    /// <summary>Host attributes in OpenTelemetry names; <c>host.name</c> and <c>host.id</c> among them.</summary>
    public required IReadOnlyList<SeriesAttribute> HostAttributes { get; init; }

    /// <summary>The payload of the declaration.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.U64(PreviousEpoch);
        writer.Varint(PreviousLastSeq);
        writer.Varint((ulong)PreviousLastTickMs);
        writer.Varint((ulong)HostAttributes.Count);
        foreach (SeriesAttribute attribute in HostAttributes)
        {
            writer.String(attribute.Key);
            writer.String(attribute.Value);
        }

        return writer.Written.ToArray();
    }

    /// <summary>Reads a payload; null where it is malformed.</summary>
    public static EpochStart? TryDecode(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        ulong epoch = reader.U64();
        ulong seq = reader.Varint();
        ulong tick = reader.Varint();
        var attributes = new SeriesAttribute[reader.Count(MaxAttributes)];
        for (int i = 0; i < attributes.Length; i++)
            attributes[i] = new SeriesAttribute(reader.String(FrameLimits.MaxNameBytes), reader.String(FrameLimits.MaxValueBytes));
        if (reader.Failed || reader.Remaining != 0 || tick >= 1UL << 48) return null;
        return new EpochStart { PreviousEpoch = epoch, PreviousLastSeq = seq, PreviousLastTickMs = (long)tick, HostAttributes = attributes };
    }
}
