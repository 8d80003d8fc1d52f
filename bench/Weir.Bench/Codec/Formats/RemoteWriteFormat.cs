using Google.Protobuf;
using Google.Protobuf.Collections;
using Snappier;
using Weir.Bench.Codec.Formats.RemoteWrite;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Codec.Formats;

/// <summary>Prometheus remote write 1.0: labels and samples of each series, one request per span, compressed by snappy.</summary>
/// <remarks>Carries the labels of the recording and no others; a scraper adds <c>job</c> and <c>instance</c> to every series.</remarks>
internal sealed class RemoteWriteFormat : ISampleFormat
{
    private readonly CodecInput _input;
    private readonly SampleList _decoded;
    private readonly WriteRequest _request = new();
    private readonly TimeSeries[] _series;
    private readonly List<Sample>[] _pool;
    private readonly Dictionary<RepeatedField<Label>, int> _byLabels = [];
    private readonly ByteWriter _plain = new(1 << 16);
    private readonly ByteWriter _packed = new(1 << 16);
    private readonly ByteWriter _unpacked = new(1 << 16);

    public RemoteWriteFormat(CodecInput input)
    {
        _input = input;
        _decoded = new SampleList(input);
        _series = [.. input.Series.Select(static series => Describe(series))];
        _pool = [.. _series.Select(static _ => new List<Sample>())];
        for (int s = 0; s < _series.Length; s++) _byLabels.Add(_series[s].Labels, s);
    }

    public string Name => "remote write (snappy)";

    public ReadOnlyMemory<byte> Encode(TickSpan span)
    {
        _request.Timeseries.Clear();
        for (int s = 0; s < _series.Length; s++)
        {
            Fill(s, span);
            if (_series[s].Samples.Count > 0) _request.Timeseries.Add(_series[s]);
        }

        int size = _request.CalculateSize();
        _plain.Clear();
        Span<byte> plain = _plain.Reserve(size)[..size];
        _request.WriteTo(plain);
        _packed.Clear();
        _packed.Advance(Snappy.Compress(plain, _packed.Reserve(Snappy.GetMaxCompressedLength(size))));
        return _packed.WrittenMemory;
    }

    public void Decode(ReadOnlyMemory<byte> message)
    {
        _decoded.Clear();
        _unpacked.Clear();
        Span<byte> plain = _unpacked.Reserve(Snappy.GetUncompressedLength(message.Span));
        plain = plain[..Snappy.Decompress(message.Span, plain)];
        foreach (TimeSeries series in WriteRequest.Parser.ParseFrom(plain).Timeseries)
        {
            if (!_byLabels.TryGetValue(series.Labels, out int index)) throw new InvalidDataException("a message names a series that the recording lacks");
            foreach (Sample sample in series.Samples) _decoded.Add(index, sample.Timestamp, sample.Value);
        }
    }

    public bool Holds(TickSpan span) => _decoded.Holds(span);

    public void Dispose()
    {
    }

    private void Fill(int series, TickSpan span)
    {
        RepeatedField<Sample> samples = _series[series].Samples;
        List<Sample> pool = _pool[series];
        samples.Clear();
        for (int t = span.First; t < span.End; t++)
        {
            if (_input.Present(t)[series] == 0) continue;
            if (samples.Count == pool.Count) pool.Add(new Sample());
            Sample sample = pool[samples.Count];
            double value = _input.Values(t)[series];
            sample.Timestamp = _input.TimeMs(t);
            if (BitConverter.DoubleToInt64Bits(value) == 0) sample.ClearValue();
            else sample.Value = value;
            samples.Add(sample);
        }
    }

    private static TimeSeries Describe(RecordedSeries series)
    {
        // In ordinal order "__name__" stands behind names that begin with a capital letter.
        var labels = series.Labels.Append(new SeriesAttribute("__name__", series.Name)).OrderBy(static label => label.Key, StringComparer.Ordinal);
        return new TimeSeries { Labels = { labels.Select(static label => new Label { Name = label.Key, Value = label.Value }) } };
    }
}
