using System.Buffers;
using System.Text.Json;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Codec.Formats;

/// <summary>JSON: an array of objects <c>{"name":"a","labels":{"b":"c"},"time":1,"value":2}</c>; what JSON has no number for is a string.</summary>
internal sealed class JsonFormat : ISampleFormat
{
    private readonly CodecInput _input;
    private readonly SampleList _decoded;
    private readonly SeriesTable _table = new();
    private readonly ArrayBufferWriter<byte> _text = new(1 << 16);
    private readonly Utf8JsonWriter _json;

    public JsonFormat(CodecInput input)
    {
        _input = input;
        _decoded = new SampleList(input);
        _json = new Utf8JsonWriter(_text, new JsonWriterOptions { SkipValidation = true });
        for (int s = 0; s < input.Series.Count; s++)
        {
            Begin();
            Write(input.Series[s], 0, 0);
            _json.Flush();
            var reader = new Utf8JsonReader(_text.WrittenSpan);
            _table.Add(ReadSeries(ref reader, _text.WrittenSpan), s);
        }
    }

    public string Name => "JSON";

    public ReadOnlyMemory<byte> Encode(TickSpan span)
    {
        Begin();
        _json.WriteStartArray();
        for (int t = span.First; t < span.End; t++)
        {
            ReadOnlySpan<double> values = _input.Values(t);
            ReadOnlySpan<byte> present = _input.Present(t);
            for (int s = 0; s < values.Length; s++)
                if (present[s] != 0) Write(_input.Series[s], _input.TimeMs(t), values[s]);
        }

        _json.WriteEndArray();
        _json.Flush();
        return _text.WrittenMemory;
    }

    public void Decode(ReadOnlyMemory<byte> message)
    {
        _decoded.Clear();
        var reader = new Utf8JsonReader(message.Span);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            int series = _table.Find(ReadSeries(ref reader, message.Span));
            Expect(reader.Read() && reader.ValueTextEquals("time"u8) && reader.Read() && reader.TokenType == JsonTokenType.Number);
            long timeMs = reader.GetInt64();
            Expect(reader.Read() && reader.ValueTextEquals("value"u8) && reader.Read());
            _decoded.Add(series, timeMs, reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : NotANumber(ref reader));
            Expect(reader.Read() && reader.TokenType == JsonTokenType.EndObject);
        }

        Expect(reader.TokenType == JsonTokenType.EndArray);
    }

    public bool Holds(TickSpan span) => _decoded.Holds(span);

    public void Dispose() => _json.Dispose();

    private void Begin()
    {
        _text.ResetWrittenCount();
        _json.Reset();
    }

    private void Write(RecordedSeries series, long timeMs, double value)
    {
        _json.WriteStartObject();
        _json.WriteString("name"u8, series.Name);
        _json.WriteStartObject("labels"u8);
        foreach (SeriesAttribute label in series.Labels) _json.WriteString(label.Key, label.Value);
        _json.WriteEndObject();
        _json.WriteNumber("time"u8, timeMs);
        if (double.IsFinite(value)) _json.WriteNumber("value"u8, value);
        else _json.WriteString("value"u8, double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
        _json.WriteEndObject();
    }

    // From the name to the end of the labels, as the text stands: a receiver that unescapes them first takes longer.
    private static ReadOnlySpan<byte> ReadSeries(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        if (reader.TokenType == JsonTokenType.None) reader.Read();
        Expect(reader.Read() && reader.ValueTextEquals("name"u8) && reader.Read());
        int start = (int)reader.TokenStartIndex;
        Expect(reader.Read() && reader.ValueTextEquals("labels"u8) && reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        reader.Skip();
        return text[start..(int)reader.BytesConsumed];
    }

    private static double NotANumber(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("NaN"u8)) return double.NaN;
        if (reader.ValueTextEquals("+Inf"u8)) return double.PositiveInfinity;
        Expect(reader.ValueTextEquals("-Inf"u8));
        return double.NegativeInfinity;
    }

    private static void Expect(bool holds)
    {
        if (!holds) throw new InvalidDataException("a message is not the JSON that was meant");
    }
}
