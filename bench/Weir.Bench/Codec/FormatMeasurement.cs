namespace Weir.Bench.Codec;

/// <summary>Takes a format through its messages: bytes, whether every value comes back, speed both ways.</summary>
internal static class FormatMeasurement
{
    /// <summary>Encodes, decodes and compares; measures nothing but bytes.</summary>
    public static Carried Carry(ISampleFormat format, IReadOnlyList<TickSpan> spans, List<byte[]>? messages = null)
    {
        long bytes = 0;
        TickSpan? differs = null;
        foreach (TickSpan span in spans)
        {
            byte[] message = format.Encode(span).ToArray();
            bytes += message.Length;
            messages?.Add(message);
            format.Decode(message);
            if (!format.Holds(span)) differs ??= span;
        }

        return new Carried(bytes, differs);
    }

    /// <summary>Encodes, decodes, compares and measures speed.</summary>
    public static FormatResult Measure(ISampleFormat format, CodecInput input, int ticks, IReadOnlyList<TickSpan> spans, SpeedMeter meter)
    {
        var messages = new List<byte[]>(spans.Count);
        Carried carried = Carry(format, spans, messages);
        long samples = spans.Sum(span => (long)input.Samples(span));
        Speed encode = meter.Measure(i => format.Encode(spans[i]), spans.Count, samples);
        Speed decode = meter.Measure(i => format.Decode(messages[i]), spans.Count, samples);
        return new FormatResult
        {
            Ticks = ticks,
            TicksPerFrame = spans.Max(static span => span.Count),
            Frames = spans.Count,
            Samples = samples,
            Bytes = carried.Bytes,
            BytesPerSample = carried.Bytes / (double)Math.Max(samples, 1),
            EncodeSamplesPerSecond = encode.SamplesPerSecond,
            DecodeSamplesPerSecond = decode.SamplesPerSecond,
            EncodeAllocatedBytesPerFrame = encode.AllocatedBytesPerMessage,
            DecodeAllocatedBytesPerFrame = decode.AllocatedBytesPerMessage,
            Differs = carried.Differs,
        };
    }
}
