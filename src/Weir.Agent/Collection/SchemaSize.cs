namespace Weir.Agent.Collection;

/// <summary>What series take of the limits of a schema. The collectors of a group share them.</summary>
/// <param name="Series">How many.</param>
/// <param name="Parts">Parts of the schema.</param>
/// <param name="Bytes">Canonical bytes.</param>
/// <param name="PackedBytes">Bytes of the object that the spool takes, or somewhat more.</param>
/// <remarks>
/// Sizes of schemas add up to no less than what the schema of all their parts takes: each has a heading of its own in its bytes, and what is packed
/// together takes less than packed each alone, but for a share that the limit leaves free.
/// </remarks>
internal readonly record struct SchemaSize(int Series, int Parts, int Bytes, int PackedBytes)
{
    /// <summary>Most packed bytes: an entry's less a sixteenth, for its header and what packing together may take beyond packing apart.</summary>
    public const int MaxPackedBytes = FrameLimits.MaxEntryBytes / 16 * 15;

    // Sixty schemas that are not packed to know their size fit into an entry, and the usual ones cost nothing here.
    private const int MaxUnpackedBytes = 16 << 10;

    /// <summary>The limit that is exceeded, with the numbers; null where none is.</summary>
    public string? Excess =>
        Series > FrameLimits.MaxSeries ? $"{Series} series, the limit is {FrameLimits.MaxSeries}"
        : Parts > FrameLimits.MaxParts ? $"{Parts} parts of a schema, the limit is {FrameLimits.MaxParts}"
        : Bytes > FrameLimits.MaxObjectBytes ? $"series whose attributes take {Bytes} bytes, the limit is {FrameLimits.MaxObjectBytes}"
        : PackedBytes > MaxPackedBytes ? $"series whose attributes take {PackedBytes} bytes packed, the limit is {MaxPackedBytes}"
        : null;

    /// <summary>Measures a schema.</summary>
    public static SchemaSize Of(Schema schema) => new(
        schema.SeriesCount, schema.Parts.Count, schema.Canonical.Length, schema.Canonical.Length <= MaxUnpackedBytes ? schema.Canonical.Length : ObjectCodec.Pack(schema.Canonical.Span).Length);

    /// <summary>Both together.</summary>
    public static SchemaSize operator +(SchemaSize one, SchemaSize other) =>
        new(one.Series + other.Series, one.Parts + other.Parts, one.Bytes + other.Bytes, one.PackedBytes + other.PackedBytes);

    /// <summary>One without the other, which is part of it.</summary>
    public static SchemaSize operator -(SchemaSize whole, SchemaSize part) =>
        new(whole.Series - part.Series, whole.Parts - part.Parts, whole.Bytes - part.Bytes, whole.PackedBytes - part.PackedBytes);
}
