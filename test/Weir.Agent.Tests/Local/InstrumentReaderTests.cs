using System.Diagnostics.Metrics;
using System.Text;
using Weir.Agent.Local;

namespace Weir.Agent.Tests.Local;

public sealed class InstrumentReaderTests : IDisposable
{
    private readonly Meter _meter = new("Weir.Agent.InstrumentReaderTests");
    private readonly InstrumentReader _reader = new();

    public void Dispose()
    {
        _reader.Dispose();
        _meter.Dispose();
    }

    private string[] Lines(string family)
    {
        var text = new OpenMetricsText(isOpenMetrics: false);
        _reader.WriteTo(text);
        return [.. Encoding.UTF8.GetString(text.Finish().Span).Split('\n').Where(line => line.StartsWith(family, StringComparison.Ordinal))];
    }

    [Fact]
    public void WriteTo_CountersAddGaugesReplaceAndSetsOfAttributesStayApart()
    {
        Counter<long> counter = _meter.CreateCounter<long>("test.reader.events", "{event}");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "b"));
        counter.Add(4, new KeyValuePair<string, object?>("kind", "a"));
        int depth = 7;
        _meter.CreateObservableGauge("test.reader.depth", () => depth, "By");
        Assert.Equal(["test_reader_events_total{kind=\"a\"} 6", "test_reader_events_total{kind=\"b\"} 3"], Lines("test_reader_events"));
        Assert.Equal(["test_reader_depth_bytes 7"], Lines("test_reader_depth"));
        depth = 5;
        Assert.Equal(["test_reader_depth_bytes 5"], Lines("test_reader_depth"));
    }

    [Fact]
    public void WriteTo_Histogram_HasCumulativeBucketsSumAndCount()
    {
        Histogram<double> histogram = _meter.CreateHistogram<double>("test.reader.time", "s");
        foreach (double seconds in (double[])[0.0001, 0.02, 0.02, 100]) histogram.Record(seconds);
        string[] lines = Lines("test_reader_time");
        Assert.Equal("test_reader_time_seconds_bucket{le=\"0.0001\"} 1", lines[0]);
        Assert.Contains("test_reader_time_seconds_bucket{le=\"0.01\"} 1", lines);
        Assert.Contains("test_reader_time_seconds_bucket{le=\"0.025\"} 3", lines);
        Assert.Equal(["test_reader_time_seconds_bucket{le=\"+Inf\"} 4", "test_reader_time_seconds_sum 100.0401", "test_reader_time_seconds_count 4"], lines[^3..]);
    }

    [Fact]
    public void Take_MoreSetsOfAttributesThanTheLimit_KeepsTheFirst()
    {
        Counter<long> counter = _meter.CreateCounter<long>("test.reader.many");
        for (int i = 0; i < InstrumentReader.MaxSeries + 10; i++) counter.Add(1, new KeyValuePair<string, object?>("i", i));
        Assert.Equal(InstrumentReader.MaxSeries, Lines("test_reader_many").Length);
    }

    [Fact]
    public void WriteTo_ObservableThatNoLongerSaysARow_LeavesItsPlaceToAnother()
    {
        int first = 0;
        _meter.CreateObservableGauge("test.reader.paused", () => Enumerable.Range(first, InstrumentReader.MaxSeries).Select(static i => new Measurement<int>(1, new KeyValuePair<string, object?>("i", i))));
        _meter.CreateCounter<long>("test.reader.kept").Add(1);
        Assert.Equal(InstrumentReader.MaxSeries, Lines("test_reader_paused").Length);
        first = InstrumentReader.MaxSeries - 1;
        Assert.Equal([$"test_reader_paused{{i=\"{first}\"}} 1"], Lines("test_reader_paused"));
        Assert.Equal(Enumerable.Range(first, InstrumentReader.MaxSeries).Select(static i => $"test_reader_paused{{i=\"{i}\"}} 1"), Lines("test_reader_paused"));
        Assert.Single(Lines("test_reader_kept"));
    }

    [Fact]
    public void Take_KnownAttributes_AllocatesNothing()
    {
        Counter<long> counter = _meter.CreateCounter<long>("test.reader.quiet");
        var tag = new KeyValuePair<string, object?>("kind", "a");
        for (int i = 0; i < 100; i++) counter.Add(1, tag);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) counter.Add(1, tag);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
