using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>Makes frames of what builders gathered.</summary>
/// <remarks>
/// One serves any number of builders, one after the other, and keeps the memory that the largest frame took (codec 0: some 25 B a value): the steady state allocates nothing.
/// Not thread-safe.
/// </remarks>
public sealed class FrameEncoder : IDisposable
{
    private const int LongestIntervalMs = 3_600_000;

    private readonly EntryWriter _writer = new();
    private readonly PlainCodec _plain = new();
    private readonly ProfiledEncoder _profiled = new();
    private double[] _packedValues = [];
    private byte[] _packedPresent = [];

    /// <summary>Makes a frame of the gathered ticks; the builder starts anew.</summary>
    /// <param name="builder">What was gathered.</param>
    /// <param name="seq">The frame's number in its epoch.</param>
    /// <param name="clockGeneration">How often the clock has been stepped.</param>
    /// <param name="traceContext">Empty, or <see cref="EntryHeader.TraceContextBytes"/> bytes where the frame is traced.</param>
    /// <returns>The entry, valid until the next call.</returns>
    /// <exception cref="InvalidOperationException">There is no tick.</exception>
    public ReadOnlyMemory<byte> Seal(FrameBuilder builder, ulong seq, uint clockGeneration, ReadOnlySpan<byte> traceContext = default)
    {
        if (builder.Ticks == 0) throw new InvalidOperationException("there is no tick to seal");
        ReadOnlySpan<long> times = builder.TimesMs;
        bool onGrid = IsOnGrid(times, out uint intervalMs);
        Baseline? baseline = builder.Baseline;
        var header = new EntryHeader
        {
            Kind = EntryKind.Samples,
            Form = (byte)(baseline is null ? CodecId.Plain : CodecId.Profiled),
            Seq = seq,
            ObjectId = (baseline?.Id ?? builder.Schema.Id).Short,
            FirstMs = times[0],
            IntervalMs = onGrid ? intervalMs : 0,
            ExplicitTimes = !onGrid,
            Ticks = times.Length,
            Series = builder.Schema.SeriesCount,
            Missing = builder.Missing,
            ClockGeneration = clockGeneration,
            Digest = builder.Digest,
        };
        ByteWriter target = _writer.Begin(header, traceContext);
        if (!onGrid)
            for (int t = 1; t < times.Length; t++) target.Varint((ulong)(times[t] - times[t - 1]));
        if (baseline is null) EncodePlainly(builder, target);
        else _profiled.Encode(baseline.Profiles, new ColumnSource(builder.Values, builder.Present, builder.MaxTicks, times.Length, builder.Missing, baseline.AgeOf(times[0])), target);
        builder.Clear();
        return _writer.End(traceContext.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => _plain.Dispose();

    // The columns stand apart by the most ticks; those of a frame cut short are moved together first.
    private void EncodePlainly(FrameBuilder builder, ByteWriter target)
    {
        int ticks = builder.Ticks, apart = builder.MaxTicks, cells = ticks * builder.Schema.SeriesCount;
        if (ticks == apart)
        {
            _plain.Encode(builder.Values, builder.Present, builder.Missing, target);
            return;
        }

        if (_packedValues.Length < cells) (_packedValues, _packedPresent) = (new double[builder.Values.Length], new byte[builder.Values.Length]);
        for (int s = 0; s < builder.Schema.SeriesCount; s++)
        {
            builder.Values.Slice(s * apart, ticks).CopyTo(_packedValues.AsSpan(s * ticks));
            builder.Present.Slice(s * apart, ticks).CopyTo(_packedPresent.AsSpan(s * ticks));
        }

        _plain.Encode(_packedValues.AsSpan(0, cells), _packedPresent.AsSpan(0, cells), builder.Missing, target);
    }

    private static bool IsOnGrid(ReadOnlySpan<long> times, out uint intervalMs)
    {
        long interval = times.Length > 1 ? times[1] - times[0] : 0;
        intervalMs = (uint)Math.Min(interval, LongestIntervalMs);
        if (interval > LongestIntervalMs) return false;
        for (int t = 2; t < times.Length; t++)
            if (times[t] - times[t - 1] != interval) return false;
        return true;
    }
}
