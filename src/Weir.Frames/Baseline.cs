using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>The values of all series of a schema at one tick, with each series' profile: what frames of codec 1 store differences from.</summary>
/// <remarks>Immutable, content-addressed, safe to share between threads. <c>docs/formats/baseline.md</c> draws its bytes.</remarks>
public sealed class Baseline
{
    private const byte FormatVersion = 1;
    private const int MaxIntervalMs = 3_600_000;
    private const int MaxAge = 1 << 20;

    // At most the profiles of the largest schema, per thread that checks baselines.
    [ThreadStatic]
    private static ProfileSet? _checked;

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
        var set = new ProfileSet();
        if (!TryRead(canonical, set, out ContentId schemaId, out long tickMs, out int intervalMs)) return null;
        set.Complete();
        return new Baseline(schemaId, tickMs, intervalMs, set, canonical.ToArray());
    }

    /// <summary>Checks canonical bytes as <see cref="TryParse"/> does, for those who keep them packed: no object is made.</summary>
    /// <param name="canonical">The bytes.</param>
    /// <param name="schemaId">The schema that it profiles.</param>
    /// <param name="seriesCount">Series of that schema.</param>
    /// <returns>False where they are not a baseline within the limits.</returns>
    public static bool IsValid(ReadOnlySpan<byte> canonical, out ContentId schemaId, out int seriesCount)
    {
        ProfileSet set = _checked ??= new ProfileSet();
        bool isValid = TryRead(canonical, set, out schemaId, out _, out _);
        seriesCount = set.Count;
        return isValid;
    }

    private static bool TryRead(ReadOnlySpan<byte> canonical, ProfileSet set, out ContentId schemaId, out long tickMs, out int intervalMs)
    {
        (schemaId, tickMs, intervalMs) = (default, 0, 0);
        if (SchemaOf(canonical) is not { } named) return false;
        var reader = new ByteReader(canonical[(2 + ContentId.Size)..]);
        ulong tick = reader.Varint();
        int interval = reader.Count(MaxIntervalMs), count = reader.Count(FrameLimits.MaxSeries);
        if (reader.Failed || tick >= 1UL << 48 || interval == 0 || count == 0 || count > reader.Remaining / 2) return false;
        (schemaId, tickMs, intervalMs) = (named, (long)tick, interval);
        return ProfileCodec.TryRead(ref reader, count, anchored: false, set) && reader.Remaining == 0;
    }

    /// <summary>
    /// The baseline of another schema: series that both have keep their values and profiles; one that is new begins at its first value, with the profile of a series
    /// of the same metric.
    /// </summary>
    /// <param name="from">The schema of this baseline.</param>
    /// <param name="to">The other schema.</param>
    /// <param name="values">The first tick of the other schema, one value per series.</param>
    /// <param name="present">1 per present value, 0 per missing one.</param>
    /// <exception cref="ArgumentException"><paramref name="from"/> is not this baseline's schema, or the tick is not of the other's shape.</exception>
    public Baseline Derive(Schema from, Schema to, ReadOnlySpan<double> values, ReadOnlySpan<byte> present)
    {
        if (from.Id != SchemaId) throw new ArgumentException("the baseline belongs to another schema", nameof(from));
        if (values.Length != to.SeriesCount || present.Length != to.SeriesCount) throw new ArgumentException($"a tick has {to.SeriesCount} values", nameof(values));
        return Make(to.Id, TickMs, IntervalMs, ProfileDerivation.Derive(Profiles, from, to, values, present));
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
}
