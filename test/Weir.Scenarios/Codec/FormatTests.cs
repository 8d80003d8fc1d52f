using System.Text;
using Weir.Bench.Codec;
using Weir.Bench.Codec.Formats;
using Weir.Scenarios.Replay;

namespace Weir.Scenarios.Codec;

/// <summary>Every format gives back what it was given, and a format that does not is found out.</summary>
public sealed class FormatTests
{
    private static readonly TickSpan Whole = new(0, 50);

    [Theory]
    [InlineData("codec 0")]
    [InlineData("Protobuf")]
    [InlineData("JSON")]
    [InlineData("Prometheus text")]
    [InlineData("remote write (snappy)")]
    [InlineData("OTLP (zstd)")]
    public void Decode_OfItsOwnMessage_HoldsThatSpanAndNoOther(string name)
    {
        var input = new CodecInput(TestRecording.Parse(OddRecording.Text(60)));
        using ISampleFormat format = Make(name, input);

        format.Decode(format.Encode(Whole));

        Assert.Equal(name, format.Name);
        Assert.True(format.Holds(Whole));
        Assert.False(format.Holds(new TickSpan(1, 50)));
        Assert.False(format.Holds(new TickSpan(0, 49)));
        Assert.False(format.Holds(new TickSpan(0, 51)));
    }

    [Fact]
    public void Encode_Json_IsWhatTheDocumentationShows()
    {
        var input = new CodecInput(TestRecording.Parse("#T 1000\na{b=\"c\"} 2\nd -0\ne NaN\n"));
        using var format = new JsonFormat(input);

        Assert.Equal(
            """[{"name":"a","labels":{"b":"c"},"time":1000,"value":2},{"name":"d","labels":{},"time":1000,"value":-0},{"name":"e","labels":{},"time":1000,"value":"NaN"}]""",
            Encoding.UTF8.GetString(format.Encode(new TickSpan(0, 1)).Span));
    }

    [Fact]
    public void Encode_PrometheusText_IsALinePerSample()
    {
        var input = new CodecInput(TestRecording.Parse("#T 1000\na{b=\"c\\\"\"} 2.5\nd -Inf\n"));
        using var format = new PrometheusTextFormat(input);

        Assert.Equal("a{b=\"c\\\"\"} 2.5 1000\nd -Inf 1000\n", Encoding.UTF8.GetString(format.Encode(new TickSpan(0, 1)).Span));
    }

    // One lost sign is enough.
    [Fact]
    public void Carry_FormatThatLosesTheSignOfZero_Differs()
    {
        var given = new CodecInput(TestRecording.Parse("#T 1000\na 0\n#T 2000\na 0\n"));
        var meant = new CodecInput(TestRecording.Parse("#T 1000\na 0\n#T 2000\na -0\n"));
        using var format = new Swapped(new ProtobufFormat(given), new ProtobufFormat(meant));

        Assert.Equal(new TickSpan(1, 1), FormatMeasurement.Carry(format, [new TickSpan(0, 1), new TickSpan(1, 1)]).Differs);
    }

    private static ISampleFormat Make(string name, CodecInput input) => name switch
    {
        "codec 0" => new FrameFormat(input, 60, baselines: null),
        "Protobuf" => new ProtobufFormat(input),
        "JSON" => new JsonFormat(input),
        "Prometheus text" => new PrometheusTextFormat(input),
        "remote write (snappy)" => new RemoteWriteFormat(input),
        _ => new OtlpFormat(input),
    };

    private sealed class Swapped(ISampleFormat sender, ISampleFormat receiver) : ISampleFormat
    {
        public string Name => "swapped";

        public ReadOnlyMemory<byte> Encode(TickSpan span) => sender.Encode(span);

        public void Decode(ReadOnlyMemory<byte> message) => receiver.Decode(message);

        public bool Holds(TickSpan span) => receiver.Holds(span);

        public void Dispose()
        {
            sender.Dispose();
            receiver.Dispose();
        }
    }
}
