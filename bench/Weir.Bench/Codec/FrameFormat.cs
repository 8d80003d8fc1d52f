using Weir.Frames;

namespace Weir.Bench.Codec;

/// <summary>Weir's frames: codec 0, or codec 1 where baselines are given and one applies.</summary>
/// <remarks>Encoding includes the ticks' way into the builder and their digest; decoding includes checksum, content hash and digest.</remarks>
internal sealed class FrameFormat(CodecInput input, int maxTicks, Baselines? baselines) : ISampleFormat
{
    private readonly FrameBuilder _builder = new(input.Schema, maxTicks);
    private readonly FrameEncoder _encoder = new();
    private readonly FrameDecoder _decoder = new();
    private readonly DecodedFrame _decoded = new();
    private ulong _seq;

    public string Name => baselines is null ? "codec 0" : "codec 1";

    public ReadOnlyMemory<byte> Encode(TickSpan span)
    {
        _builder.Baseline = baselines?.At(span.First);
        for (int t = span.First; t < span.End; t++) _builder.AddTick(input.TimeMs(t), input.Values(t), input.Present(t));
        return _encoder.Seal(_builder, ++_seq, clockGeneration: 0);
    }

    public void Decode(ReadOnlyMemory<byte> message)
    {
        EntryError error = EntryHeader.TryRead(message.Span, out EntryHeader header);
        if (error == EntryError.None) error = _decoder.Decode(message.Span, header, input.Schema, header.Form == (byte)CodecId.Profiled ? baselines?.Named(header.ObjectId) : null, _decoded);
        if (error != EntryError.None) throw new InvalidDataException($"a frame cannot be decoded: {error}");
    }

    public bool Holds(TickSpan span)
    {
        if (_decoded.Ticks != span.Count || _decoded.Series != input.Series.Count) return false;
        for (int t = 0; t < span.Count; t++)
            if (_decoded.TimesMs[t] != input.TimeMs(span.First + t)) return false;
        for (int s = 0; s < _decoded.Series; s++)
        {
            ReadOnlySpan<double> values = _decoded.Values(s);
            ReadOnlySpan<byte> present = _decoded.Present(s);
            for (int t = 0; t < span.Count; t++)
            {
                if (present[t] != input.Present(span.First + t)[s]) return false;
                if (present[t] != 0 && BitConverter.DoubleToInt64Bits(values[t]) != BitConverter.DoubleToInt64Bits(input.Values(span.First + t)[s])) return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }
}
