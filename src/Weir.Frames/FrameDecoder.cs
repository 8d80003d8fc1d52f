using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>Turns frames back into samples.</summary>
/// <remarks>One instance serves one thread and reuses its memory. Any bytes are safe input: nothing is allocated beyond <see cref="FrameLimits.MaxSamples"/>.</remarks>
public sealed class FrameDecoder : IDisposable
{
    private readonly PlainCodec _plain = new();
    private readonly ProfiledDecoder _profiled = new();

    /// <summary>Decodes a frame and checks its samples against the header's digest.</summary>
    /// <param name="entry">The whole entry.</param>
    /// <param name="header">Its header, as read by <see cref="EntryHeader.TryRead"/>.</param>
    /// <param name="schema">The schema that the header names, or its baseline does.</param>
    /// <param name="baseline">The baseline that the header of a frame of codec 1 names; null for codec 0.</param>
    /// <param name="target">Receives the samples; undefined after an error.</param>
    public EntryError Decode(ReadOnlySpan<byte> entry, in EntryHeader header, Schema schema, Baseline? baseline, DecodedFrame target)
    {
        if (header.Kind != EntryKind.Samples || header.HeaderBytes > entry.Length) return EntryError.Contradiction;
        if (!Fits(header, schema, baseline)) return EntryError.Schema;
        target.Shape(header.Ticks, header.Series);
        target.HasMissing = header.Missing > 0;
        ReadOnlySpan<byte> payload = entry[header.HeaderBytes..];
        if (!TryReadTimes(ref payload, header, target.TimesBuffer)) return EntryError.Payload;
        bool decoded = baseline is null
            ? _plain.TryDecode(payload, header.Missing, target.ValuesBuffer, target.PresentBuffer)
            : _profiled.TryDecode(
                baseline.Profiles, payload, header.Ticks, header.Missing, baseline.AgeOf(header.FirstMs), target.ValuesBuffer, target.PresentBuffer);
        if (!decoded) return EntryError.Payload;
        return DigestOf(target, schema) == header.Digest ? EntryError.None : EntryError.Digest;
    }

    /// <inheritdoc/>
    public void Dispose() => _plain.Dispose();

    /// <summary>The times of a frame, from its header and, where they are explicit, its payload.</summary>
    /// <param name="entry">The whole entry.</param>
    /// <param name="header">Its header.</param>
    /// <param name="times">Room for <see cref="EntryHeader.Ticks"/> times.</param>
    /// <returns>Whether the times are well formed.</returns>
    public static bool TryReadTimes(ReadOnlySpan<byte> entry, in EntryHeader header, Span<long> times)
    {
        ReadOnlySpan<byte> payload = entry[header.HeaderBytes..];
        return TryReadTimes(ref payload, header, times);
    }

    private static bool Fits(in EntryHeader header, Schema schema, Baseline? baseline)
    {
        if (header.Series != schema.SeriesCount) return false;
        if (header.Form == (byte)CodecId.Plain) return baseline is null && header.ObjectId == schema.Id.Short;
        return baseline is not null && header.ObjectId == baseline.Id.Short && baseline.SchemaId == schema.Id && baseline.SeriesCount == header.Series;
    }

    private static bool TryReadTimes(ref ReadOnlySpan<byte> payload, in EntryHeader header, Span<long> times)
    {
        times[0] = header.FirstMs;
        if (!header.ExplicitTimes)
        {
            for (int t = 1; t < times.Length; t++) times[t] = times[t - 1] + header.IntervalMs;
            return true;
        }

        var reader = new ByteReader(payload);
        for (int t = 1; t < times.Length; t++)
        {
            ulong step = reader.Varint();
            if (step == 0 || step >= 1UL << 48) return false;
            times[t] = times[t - 1] + (long)step;
        }

        payload = payload[reader.Position..];
        return !reader.Failed;
    }

    private static ulong DigestOf(DecodedFrame frame, Schema schema)
    {
        ReadOnlySpan<long> times = frame.TimesMs;
        ReadOnlySpan<ulong> hashes = schema.SeriesHashes;
        if (!frame.HasMissing) return SampleDigest.OfColumns(hashes, times, frame.ValuesBuffer);
        ulong digest = 0;
        for (int s = 0; s < frame.Series; s++)
        {
            ReadOnlySpan<double> values = frame.Values(s);
            ReadOnlySpan<byte> present = frame.Present(s);
            for (int t = 0; t < values.Length; t++)
                if (present[t] != 0) digest += SampleDigest.Of(hashes[s], times[t], values[t]);
        }

        return digest;
    }
}
