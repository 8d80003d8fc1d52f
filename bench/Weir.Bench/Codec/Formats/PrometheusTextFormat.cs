using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Codec.Formats;

/// <summary>Prometheus text: a line per sample, <c>name{label="value"} value timestamp</c>.</summary>
internal sealed class PrometheusTextFormat : ISampleFormat
{
    private const int MaxNumberBytes = 32;

    private readonly CodecInput _input;
    private readonly SampleList _decoded;
    private readonly SeriesTable _table = new();
    private readonly byte[][] _names;
    private readonly ByteWriter _text = new(1 << 16);

    public PrometheusTextFormat(CodecInput input)
    {
        _input = input;
        _decoded = new SampleList(input);
        _names = [.. input.Series.Select(static series => Encoding.UTF8.GetBytes(SeriesText.Format(series.Name, series.Labels)))];
        for (int s = 0; s < _names.Length; s++) _table.Add(_names[s], s);
    }

    public string Name => "Prometheus text";

    public ReadOnlyMemory<byte> Encode(TickSpan span)
    {
        _text.Clear();
        for (int t = span.First; t < span.End; t++)
        {
            ReadOnlySpan<double> values = _input.Values(t);
            ReadOnlySpan<byte> present = _input.Present(t);
            for (int s = 0; s < values.Length; s++)
            {
                if (present[s] == 0) continue;
                _text.Bytes(_names[s]);
                _text.U8((byte)' ');
                Value(values[s]);
                _text.U8((byte)' ');
                Utf8Formatter.TryFormat(_input.TimeMs(t), _text.Reserve(MaxNumberBytes), out int digits);
                _text.Advance(digits);
                _text.U8((byte)'\n');
            }
        }

        return _text.WrittenMemory;
    }

    public void Decode(ReadOnlyMemory<byte> message)
    {
        _decoded.Clear();
        ReadOnlySpan<byte> rest = message.Span;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            if (end < 0) throw Malformed();
            ReadOnlySpan<byte> line = rest[..end];
            rest = rest[(end + 1)..];
            int time = line.LastIndexOf((byte)' ');
            int value = time < 0 ? -1 : line[..time].LastIndexOf((byte)' ');
            if (value < 0 || !Utf8Parser.TryParse(line[(time + 1)..], out long timeMs, out _)) throw Malformed();
            _decoded.Add(_table.Find(line[..value]), timeMs, Value(line[(value + 1)..time]));
        }
    }

    public bool Holds(TickSpan span) => _decoded.Holds(span);

    public void Dispose()
    {
    }

    private void Value(double value)
    {
        if (double.IsFinite(value))
        {
            value.TryFormat(_text.Reserve(MaxNumberBytes), out int bytes, default, CultureInfo.InvariantCulture);
            _text.Advance(bytes);
        }
        else
        {
            _text.Bytes(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
        }
    }

    private static double Value(ReadOnlySpan<byte> text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return value;
        return text.SequenceEqual("+Inf"u8) ? double.PositiveInfinity : text.SequenceEqual("-Inf"u8) ? double.NegativeInfinity : throw Malformed();
    }

    private static InvalidDataException Malformed() => new("a line is not a sample in Prometheus text");
}
