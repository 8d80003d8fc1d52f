using Google.Protobuf;
using Weir.Bench.Codec.Formats.Plain;
using Weir.Frames;

namespace Weir.Bench.Codec.Formats;

/// <summary>Plain Protobuf: a message per sample with the series' number, time and value; names are not sent.</summary>
internal sealed class ProtobufFormat(CodecInput input) : ISampleFormat
{
    private readonly SampleList _decoded = new(input);
    private readonly Samples _message = new();
    private readonly List<Sample> _pool = [];
    private readonly ByteWriter _bytes = new(1 << 16);

    public string Name => "Protobuf";

    public ReadOnlyMemory<byte> Encode(TickSpan span)
    {
        _message.Samples_.Clear();
        for (int t = span.First; t < span.End; t++)
        {
            ReadOnlySpan<double> values = input.Values(t);
            ReadOnlySpan<byte> present = input.Present(t);
            for (int s = 0; s < values.Length; s++)
                if (present[s] != 0) _message.Samples_.Add(Pooled((uint)s, input.TimeMs(t), values[s]));
        }

        _bytes.Clear();
        int size = _message.CalculateSize();
        _message.WriteTo(_bytes.Reserve(size)[..size]);
        _bytes.Advance(size);
        return _bytes.WrittenMemory;
    }

    public void Decode(ReadOnlyMemory<byte> message)
    {
        _decoded.Clear();
        foreach (Sample sample in Samples.Parser.ParseFrom(message.Span).Samples_)
        {
            if (sample.Series >= input.Series.Count) throw new InvalidDataException("a message names a series that the recording lacks");
            _decoded.Add((int)sample.Series, sample.TimeMs, sample.Value);
        }
    }

    public bool Holds(TickSpan span) => _decoded.Holds(span);

    public void Dispose()
    {
    }

    private Sample Pooled(uint series, long timeMs, double value)
    {
        int index = _message.Samples_.Count;
        if (index == _pool.Count) _pool.Add(new Sample());
        Sample sample = _pool[index];
        sample.Series = series;
        sample.TimeMs = timeMs;
        if (BitConverter.DoubleToInt64Bits(value) == 0) sample.ClearValue();
        else sample.Value = value;
        return sample;
    }
}
