using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>The values of all series of a schema at one tick, with each series' profile: what frames of codec 1 store differences from.</summary>
/// <remarks>Immutable, content-addressed, safe to share between threads. <c>docs/formats/baseline.md</c> draws its bytes.</remarks>
public sealed class Baseline
{
    private const byte FormatVersion = 1;
    private const int MaxIntervalMs = 3_600_000;
    private const int MaxAge = 1 << 20;

    private Baseline(ContentId schemaId, long tickMs, int intervalMs, ProfileSet profiles, byte[] canonical)
    {
        SchemaId = schemaId;
        TickMs = tickMs;
        IntervalMs = intervalMs;
        Profiles = profiles;
        Canonical = canonical;
        Id = ContentId.Of(canonical);
    }

    /// <summary>Hash of <see cref="Canonical"/>; frames name the baseline by its <see cref="ContentId.Short"/>.</summary>
    public ContentId Id { get; }

    /// <summary>The schema whose series it profiles.</summary>
    public ContentId SchemaId { get; }

    /// <summary>Series of that schema.</summary>
    public int SeriesCount => Profiles.Count;

    /// <summary>The tick of its values, Unix ms.</summary>
    public long TickMs { get; }

    /// <summary>Distance of ticks, 1 to 3,600,000 ms: distances from the base are counted in it.</summary>
    public int IntervalMs { get; }

    /// <summary>The bytes that <see cref="Id"/> is the hash of.</summary>
    public ReadOnlyMemory<byte> Canonical { get; }

    internal ProfileSet Profiles { get; }

    /// <summary>The schema that a baseline's canonical bytes name; null where the bytes are not a baseline's.</summary>
    public static ContentId? SchemaOf(ReadOnlySpan<byte> canonical)
    {
        var reader = new ByteReader(canonical);
        if (reader.U8() != (byte)ObjectKind.Baseline || reader.U8() != FormatVersion) return null;
        ReadOnlySpan<byte> id = reader.Bytes(ContentId.Size);
        return id.IsEmpty ? null : ContentId.Read(id);
    }

    /// <summary>Reads canonical bytes; null where they are not a baseline within the limits.</summary>
    public static Baseline? TryParse(ReadOnlySpan<byte> canonical)
    {
        if (SchemaOf(canonical) is not { } schemaId) return null;
        var reader = new ByteReader(canonical[(2 + ContentId.Size)..]);
        ulong tickMs = reader.Varint();
        int intervalMs = reader.Count(MaxIntervalMs), count = reader.Count(FrameLimits.MaxSeries);
        if (reader.Failed || tickMs >= 1UL << 48 || intervalMs == 0 || count == 0 || count > reader.Remaining / 2) return null;
        var set = new ProfileSet();
        if (!ProfileCodec.TryRead(ref reader, count, anchored: false, set) || reader.Remaining != 0) return null;
        return new Baseline(schemaId, (long)tickMs, intervalMs, set, canonical.ToArray());
    }

    /// <summary>The baseline of another schema with the same values and profiles for the series that both have; nothing is known of the others.</summary>
    /// <param name="from">The schema of this baseline.</param>
    /// <param name="to">The other schema.</param>
    /// <exception cref="ArgumentException"><paramref name="from"/> is not this baseline's schema.</exception>
    public Baseline Derive(Schema from, Schema to)
    {
        if (from.Id != SchemaId) throw new ArgumentException("the baseline belongs to another schema", nameof(from));
        Dictionary<ulong, int> places = PlacesOf(from);
        var set = new ProfileSet();
        Span<SeriesProfile> profiles = set.Reset(to.SeriesCount);
        var moved = new Dictionary<int, int>();
        for (int s = 0; s < profiles.Length; s++)
        {
            profiles[s] = SeriesProfile.Still;
            profiles[s].Absent = true;
            if (!places.TryGetValue(to.SeriesHashes[s], out int place)) continue;
            profiles[s] = Profiles.Profiles[place];
            if (profiles[s].Twin >= 0 && !moved.TryGetValue(profiles[s].Twin, out profiles[s].Twin)) (profiles[s].Twin, profiles[s].Predictor) = (-1, Predictor.None);
            moved[place] = s;
        }

        return Make(to.Id, TickMs, IntervalMs, set);
    }

    internal static Baseline Make(ContentId schemaId, long tickMs, int intervalMs, ProfileSet profiles)
    {
        var writer = new ByteWriter(64 + (profiles.Count * 12));
        writer.U8((byte)ObjectKind.Baseline);
        writer.U8(FormatVersion);
        Span<byte> id = stackalloc byte[ContentId.Size];
        schemaId.Write(id);
        writer.Bytes(id);
        writer.Varint((ulong)tickMs);
        writer.Varint((ulong)intervalMs);
        writer.Varint((ulong)profiles.Count);
        for (int s = 0; s < profiles.Count; s++) ProfileCodec.Write(writer, profiles.Profiles[s], s, anchored: false);
        profiles.Complete();
        return new Baseline(schemaId, tickMs, intervalMs, profiles, writer.Written.ToArray());
    }

    /// <summary>Ticks from the base to a time, from 1. Far or earlier times count as the nearest that profiles speak of.</summary>
    internal int AgeOf(long timeMs) => (int)Math.Clamp((timeMs - TickMs + (IntervalMs / 2)) / IntervalMs, 1, MaxAge);

    private static Dictionary<ulong, int> PlacesOf(Schema schema)
    {
        var places = new Dictionary<ulong, int>(schema.SeriesCount);
        ReadOnlySpan<ulong> hashes = schema.SeriesHashes;
        for (int s = 0; s < hashes.Length; s++) places.TryAdd(hashes[s], s);
        return places;
    }
}
