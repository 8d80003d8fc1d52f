using Google.Protobuf;
using Google.Protobuf.Collections;
using Weir.Bench.Codec.Formats.Otlp;
using Weir.Frames;
using Weir.TestKit.Recordings;
using ZstdSharp;
using Metric = Weir.Bench.Codec.Formats.Otlp.Metric;

namespace Weir.Bench.Codec.Formats;

/// <summary>OTLP metrics: one export per span, samples grouped by metric, each with its attributes, compressed by zstd 3.</summary>
/// <remarks>A counter is a cumulative monotonic sum without a start time, since the recording has none; anything else is a gauge.</remarks>
internal sealed class OtlpFormat : ISampleFormat
{
    private const int CompressionLevel = 3;
    private const long NanosecondsPerMs = 1_000_000;

    private readonly CodecInput _input;
    private readonly SampleList _decoded;
    private readonly ExportMetricsServiceRequest _request;
    private readonly ScopeMetrics _scope = new() { Scope = new InstrumentationScope { Name = "weir.bench", Version = "1" } };
    private readonly List<(Metric Metric, int[] Series)> _metrics = [];
    private readonly RepeatedField<KeyValue>[] _attributes;
    private readonly List<NumberPoint>[] _pool;
    private readonly Dictionary<(string Metric, RepeatedField<KeyValue> Attributes), int> _byName = [];
    private readonly Compressor _compressor = new(CompressionLevel);
    private readonly Decompressor _decompressor = new();
    private readonly ByteWriter _plain = new(1 << 16);
    private readonly ByteWriter _packed = new(1 << 16);
    private readonly ByteWriter _unpacked = new(1 << 16);

    public OtlpFormat(CodecInput input)
    {
        _input = input;
        _decoded = new SampleList(input);
        _request = new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { Resource = new Resource { Attributes = { Attribute(HostAttributes.Name, "host") } }, ScopeMetrics = { _scope } } },
        };
        _attributes = [.. input.Series.Select(static series => Attributes(series))];
        _pool = [.. _attributes.Select(static _ => new List<NumberPoint>())];
        foreach (var group in Enumerable.Range(0, input.Series.Count).GroupBy(series => input.Series[series].Name, StringComparer.Ordinal))
        {
            var metric = new Metric { Name = group.Key };
            if (input.Series[group.First()].Kind == MetricKind.Counter) metric.Sum = new Sum { AggregationTemporality = AggregationTemporality.Cumulative, IsMonotonic = true };
            else metric.Gauge = new Gauge();
            _metrics.Add((metric, [.. group]));
            foreach (int series in group) _byName.Add((group.Key, _attributes[series]), series);
        }
    }

    public string Name => "OTLP (zstd)";

    public ReadOnlyMemory<byte> Encode(TickSpan span)
    {
        _scope.Metrics.Clear();
        foreach ((Metric metric, int[] members) in _metrics)
        {
            RepeatedField<NumberPoint> points = PointsOf(metric);
            points.Clear();
            foreach (int series in members) Fill(points, series, span);
            if (points.Count > 0) _scope.Metrics.Add(metric);
        }

        int size = _request.CalculateSize();
        _plain.Clear();
        Span<byte> plain = _plain.Reserve(size)[..size];
        _request.WriteTo(plain);
        _packed.Clear();
        _packed.Advance(_compressor.Wrap(plain, _packed.Reserve(Compressor.GetCompressBound(size))));
        return _packed.WrittenMemory;
    }

    public void Decode(ReadOnlyMemory<byte> message)
    {
        _decoded.Clear();
        _unpacked.Clear();
        Span<byte> plain = _unpacked.Reserve((int)Decompressor.GetDecompressedSize(message.Span));
        plain = plain[.._decompressor.Unwrap(message.Span, plain)];
        var request = ExportMetricsServiceRequest.Parser.ParseFrom(plain);
        foreach (Metric metric in request.ResourceMetrics.SelectMany(static resource => resource.ScopeMetrics).SelectMany(static scope => scope.Metrics))
        {
            foreach (NumberPoint point in PointsOf(metric))
            {
                if (!_byName.TryGetValue((metric.Name, point.Attributes), out int series)) throw new InvalidDataException("a message names a series that the recording lacks");
                _decoded.Add(series, (long)point.TimeUnixNano / NanosecondsPerMs, point.AsDouble);
            }
        }
    }

    public bool Holds(TickSpan span) => _decoded.Holds(span);

    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }

    private void Fill(RepeatedField<NumberPoint> points, int series, TickSpan span)
    {
        List<NumberPoint> pool = _pool[series];
        int used = 0;
        for (int t = span.First; t < span.End; t++)
        {
            if (_input.Present(t)[series] == 0) continue;
            if (used == pool.Count) pool.Add(new NumberPoint { Attributes = { _attributes[series] } });
            NumberPoint point = pool[used++];
            point.TimeUnixNano = (ulong)(_input.TimeMs(t) * NanosecondsPerMs);
            point.AsDouble = _input.Values(t)[series];
            points.Add(point);
        }
    }

    private static RepeatedField<NumberPoint> PointsOf(Metric metric) => metric.DataCase == Metric.DataOneofCase.Sum ? metric.Sum.Points : metric.Gauge.Points;

    private static RepeatedField<KeyValue> Attributes(RecordedSeries series) => [.. series.Labels.Select(static label => Attribute(label.Key, label.Value))];

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
