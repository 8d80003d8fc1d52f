using System.Text;
using Weir.Agent.Collectors.Scraping;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>Answers one after the other.</summary>
public sealed class SteadyScrapeTests
{
    [Fact]
    public void TheSameSeries_OtherValues_AllocateNothingAndKeepTheShape()
    {
        using var probe = new ScrapeProbe();
        byte[][] texts = [.. Enumerable.Range(0, 20).Select(static run => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => $"# TYPE m{i} gauge\nm{i}{{cpu=\"{i}\",mode=\"a \\\"b\\\"\"}} {run * 1.25 + i}\n"))))];
        probe.Take(texts[0]);
        IReadOnlyList<SchemaPart> parts = probe.Columns.Parts;
        long allocated = 0;
        for (int run = 1; run < texts.Length; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            probe.Take(texts[run]);
            if (run >= 10) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(run * 1.25 + 499, probe.Columns.Values[ScrapeCollector.OwnSeries + Index(probe, "m499")]);
        }

        Assert.Equal(0, allocated);
        Assert.Same(parts, probe.Columns.Parts);
    }

    [Fact]
    public void AnotherOrder_IsTheSameShape()
    {
        using var probe = new ScrapeProbe();
        probe.Take("a 1\nb{x=\"1\"} 2\nb{x=\"2\"} 3\n");
        IReadOnlyList<SchemaPart> parts = probe.Columns.Parts;
        probe.Take("b{x=\"2\"} 30\na 10\n b {x=\"1\"} 20\n");
        Assert.Same(parts, probe.Columns.Parts);
        Assert.Equal(new Dictionary<string, double> { ["a"] = 10, ["b{x=1}"] = 20, ["b{x=2}"] = 30 }, probe.Values);
    }

    [Fact]
    public void SeriesThatComeAndGo_GiveANewShapeWithTheRightValues()
    {
        using var probe = new ScrapeProbe();
        probe.Take("a 1\nb 2\n");
        probe.Take("a 3\naa 4\nb 5\n");
        Assert.Equal(new Dictionary<string, double> { ["a"] = 3, ["aa"] = 4, ["b"] = 5 }, probe.Values);
        probe.Take("b 6\n");
        Assert.Equal(new Dictionary<string, double> { ["b"] = 6 }, probe.Values);
        probe.Take("b 6\nb_more 7\n");
        Assert.Equal(new Dictionary<string, double> { ["b"] = 6, ["b_more"] = 7 }, probe.Values);
        probe.Take("");
        Assert.Empty(probe.Values);
        Assert.Equal(ScrapeCollector.OwnSeries, probe.Columns.Count);
    }

    [Fact]
    public void TypeThatChanges_ChangesTheKind()
    {
        using var probe = new ScrapeProbe();
        probe.Take("# TYPE a gauge\na 1\n");
        Assert.Equal(MetricKind.Gauge, probe.KindOf("a"));
        probe.Take("# TYPE a counter\na 1\n");
        Assert.Equal(MetricKind.Counter, probe.KindOf("a"));
    }

    [Fact]
    public void MalformedAnswer_AfterAGoodOne_KeepsTheShape()
    {
        using var probe = new ScrapeProbe();
        probe.Take("a 1\nb 2\n");
        IReadOnlyList<SchemaPart> parts = probe.Columns.Parts;
        Assert.Throws<ScrapeException>(() => probe.Take("a 1\nb ?\n"));
        Assert.Same(parts, probe.Columns.Parts);
        probe.Take("a 5\nb 6\n");
        Assert.Equal(new Dictionary<string, double> { ["a"] = 5, ["b"] = 6 }, probe.Values);
    }

    [Fact]
    public void Schema_DoesNotDependOnTheOrderOfTheAnswer()
    {
        using ScrapeProbe one = new(), other = new();
        one.Take("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\nz{b=\"1\"} 1\nz{a=\"1\"} 1\n");
        other.Take("z{a=\"1\"} 1\nz{b=\"1\"} 1\n# TYPE h histogram\nh_count 2\nh_sum 3\nh_bucket{le=\"+Inf\"} 2\nh_bucket{le=\"1\"} 1\n");
        Assert.Equal(new Schema(one.Columns.Parts).Id, new Schema(other.Columns.Parts).Id);
    }

    private static int Index(ScrapeProbe probe, string name)
    {
        var schema = new Schema(probe.Columns.Parts);
        return Enumerable.Range(ScrapeCollector.OwnSeries, schema.SeriesCount - ScrapeCollector.OwnSeries).Single(series => schema.MetricOf(series).Name == name) - ScrapeCollector.OwnSeries;
    }
}
