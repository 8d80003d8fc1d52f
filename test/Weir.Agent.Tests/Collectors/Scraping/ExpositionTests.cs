using System.Text;
using Weir.Agent.Collectors.Scraping;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>Texts of both formats, and what is read from them.</summary>
public sealed class ExpositionTests
{
    private const string Job = """
        # HELP jobs_done_total How many, by "queue" \\ and outcome.
        # TYPE jobs_done_total counter
        jobs_done_total{queue="mail",outcome="ok"} 1027 1395066363000
        jobs_done_total{queue="mail",outcome="bad"}    3

        # an ordinary comment
        # TYPE wait_seconds histogram
        wait_seconds_bucket{le="0.1"} 7
        wait_seconds_bucket{le="+Inf"} 9
        wait_seconds_sum 1.5e+00
        wait_seconds_count 9
        # TYPE size_bytes summary
        size_bytes{quantile="0.5"} 3
        size_bytes_sum 12
        size_bytes_count 4
        # TYPE temperature gauge
          temperature	-2.5
        unheard_of 17
        unheard_of_total 18

        """;

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private static string Refusal(string text, ExpositionFormat format = ExpositionFormat.Text, ScrapeTarget? target = null)
    {
        using var probe = new ScrapeProbe(target);
        return Assert.Throws<ScrapeException>(() => probe.Take(text, format)).Message;
    }

    [Fact]
    public void Text_EveryType_GivesItsSeriesUnderTheirNames()
    {
        using var probe = new ScrapeProbe();
        probe.Take(Job);
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["jobs_done_total{outcome=ok,queue=mail}"] = 1027,
                ["jobs_done_total{outcome=bad,queue=mail}"] = 3,
                ["wait_seconds_bucket{le=0.1}"] = 7,
                ["wait_seconds_bucket{le=+Inf}"] = 9,
                ["wait_seconds_sum"] = 1.5,
                ["wait_seconds_count"] = 9,
                ["size_bytes{quantile=0.5}"] = 3,
                ["size_bytes_sum"] = 12,
                ["size_bytes_count"] = 4,
                ["temperature"] = -2.5,
                ["unheard_of"] = 17,
                ["unheard_of_total"] = 18,
            },
            probe.Values);
        Assert.All((string[])["jobs_done_total", "wait_seconds_bucket", "wait_seconds_sum", "wait_seconds_count", "size_bytes_sum", "size_bytes_count", "unheard_of_total"], name => Assert.Equal(MetricKind.Counter, probe.KindOf(name)));
        Assert.All((string[])["size_bytes", "temperature", "unheard_of"], name => Assert.Equal(MetricKind.Gauge, probe.KindOf(name)));
        Assert.All(probe.Columns.Parts.Skip(2), static part => Assert.Equal(NamingRule.Prometheus, part.Template.Naming));
    }

    [Fact]
    public void EverySeries_HasJobAndInstance_AndItsLabelsSorted()
    {
        using var probe = new ScrapeProbe();
        probe.Take("a{zone=\"1\",area=\"2\"} 1\n");
        SchemaPart part = probe.Columns.Parts[^1];
        Assert.Equal(["area", "instance", "job", "zone"], part.Template.AttributeKeys);
        Assert.Equal(["2", "localhost:9100", "app", "1"], Assert.Single(part.Instances));
    }

    [Fact]
    public void OpenMetrics_UnitsExemplarsAndCreations_AreReadOrLeftOut()
    {
        using var probe = new ScrapeProbe();
        probe.Take(
            """
            # TYPE work_seconds counter
            # UNIT work_seconds seconds
            # HELP work_seconds Time.
            work_seconds_total{a="x"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
            work_seconds_created{a="x"} 1520430000.123
            # TYPE span histogram
            span_bucket{le="1.0"} 4 # {} 0.5 1520879607.789
            span_bucket{le="+Inf"} 5
            span_count 5
            span_sum 9
            span_created 1
            # TYPE build info
            build_info{version="1 # {2}"} 1
            # TYPE mode stateset
            mode{mode="on"} 1
            # TYPE load gaugehistogram
            load_bucket{le="+Inf"} 3
            load_gcount 3
            load_gsum 2
            # TYPE born_created gauge
            born_created 12
            # EOF

            """,
            ExpositionFormat.OpenMetrics);
        Assert.Equal(
            ["born_created", "build_info{version=1 # {2}}", "load_bucket{le=+Inf}", "load_gcount", "load_gsum", "mode{mode=on}", "span_bucket{le=+Inf}", "span_bucket{le=1.0}", "span_count", "span_sum", "work_seconds_total{a=x}"],
            probe.Values.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(new Metric("work_seconds_total", "s", MetricKind.Counter), probe.MetricOf("work_seconds_total"));
        Assert.Equal((MetricKind.Counter, MetricKind.Gauge, MetricKind.Gauge), (probe.KindOf("span_bucket"), probe.KindOf("load_bucket"), probe.KindOf("load_gcount")));
        Assert.Equal(1, probe.Collector.DroppedOf(ScrapeDrop.Time));
    }

    [Fact]
    public void Text_CreationsThatHaveAFamilyOfTheirOwn_AreLeftOut_OthersAreNot()
    {
        using var probe = new ScrapeProbe();
        probe.Take("# TYPE a_total counter\na_total 1\n# TYPE a_created gauge\na_created 5\n# TYPE pod_created gauge\npod_created 6\n");
        Assert.Equal(["a_total", "pod_created"], probe.Values.Keys);
    }

    [Theory]
    [InlineData("NaN", double.NaN)]
    [InlineData("+Inf", double.PositiveInfinity)]
    [InlineData("Inf", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("-0.25E-3", -0.00025)]
    [InlineData("123456789012345", 123456789012345d)]
    [InlineData("12345678901234567890", 12345678901234567890d)]
    [InlineData("+5", 5)]
    [InlineData(".5", 0.5)]
    [InlineData("1.7976931348623157e+308", double.MaxValue)]
    public void Value_AsFormatsWriteIt_IsRead(string text, double value)
    {
        using var probe = new ScrapeProbe();
        probe.Take($"a {text}\n");
        Assert.Equal(value, Assert.Single(probe.Values).Value);
    }

    [Theory]
    [InlineData(@"say \""hi\""", "say \"hi\"")]
    [InlineData(@"C:\\dir\\", @"C:\dir\")]
    [InlineData(@"two\nlines", "two\nlines")]
    [InlineData(@"odd \t stays", @"odd \t stays")]
    [InlineData("a,b}c{d=e #f", "a,b}c{d=e #f")]
    [InlineData("grüße 世界", "grüße 世界")]
    public void LabelValue_Escaped_IsUnescaped(string written, string value)
    {
        using var probe = new ScrapeProbe();
        probe.Take($"a{{ l = \"{written}\" , }} 4\n");
        Assert.Equal($"a{{l={value}}}", Assert.Single(probe.Values).Key);
    }

    [Fact]
    public void Label_WithAnEmptyValue_IsAsIfItWereNotThere()
    {
        using var probe = new ScrapeProbe();
        probe.Take("a{x=\"\",y=\"1\"} 4\nb {} 5\nc 6\r\n");
        Assert.Equal(["a{y=1}", "b", "c"], probe.Values.Keys);
    }

    [Theory]
    [InlineData("a 1\nb one\n", "line 2 of the answer: the value is not a number")]
    [InlineData("a\n", "line 1 of the answer: not a sample")]
    [InlineData("a{x=\"1\"}5\n", "line 1 of the answer: no blank before the value")]
    [InlineData("a 1 2 3\n", "nor an exemplar")]
    [InlineData("a 1 soon\n", "neither a time")]
    [InlineData("{x=\"1\"} 1\n", "line 1 of the answer: not a sample")]
    [InlineData("a{x=\"1\" 1\n", "not a sample")]
    [InlineData("a{x=1} 1\n", "not in quotes")]
    [InlineData("a{x} 1\n", "no '='")]
    [InlineData("a{x=\"1\";y=\"2\"} 1\n", "separated by commas")]
    [InlineData("a{x=\"1\",x=\"2\"} 1\n", "stands twice")]
    [InlineData("a{9=\"1\"} 1\n", "the name of a label")]
    [InlineData("a-b 1\n", "the name of the metric")]
    [InlineData("9a 1\n", "the name of the metric")]
    [InlineData("<html><body>hello</body></html>\n", "line 1 of the answer")]
    public void Text_Malformed_FailsAsAWholeAndNamesTheLine(string text, string problem) => Assert.Contains(problem, Refusal(text), StringComparison.Ordinal);

    [Fact]
    public void OpenMetrics_TextAfterTheEnd_IsMalformed() =>
        Assert.Equal("line 2 of the answer: text follows '# EOF'", Refusal("a 1\n# EOF\nb 2\n", ExpositionFormat.OpenMetrics));

    [Fact]
    public void Series_MoreThanAllowed_FailTheWholeScrape()
    {
        ScrapeTarget target = ScrapeProbe.At("http://localhost/") with { MaxSeries = 2 };
        using var probe = new ScrapeProbe(target);
        probe.Take("a 1\nb 2\n");
        Assert.Equal(2, probe.Values.Count);
        Assert.Equal("the answer has more than 2 series (max_series)", Refusal("a 1\nb 2\nc 3\n", target: target));
    }

    [Fact]
    public void Samples_BeyondALimitOrNotUtf8OrTwice_AreDroppedAndCounted_TheRestGoesOn()
    {
        using var probe = new ScrapeProbe();
        string labels = string.Join(',', Enumerable.Range(0, 36).Select(static i => $"l{i}=\"x\""));
        byte[] text =
        [
            .. Utf8.GetBytes($"good 1\n{new string('n', 257)} 2\na{{l=\"{new string('v', 4097)}\"}} 3\nb{{{labels}}} 4\ntwice{{x=\"1\",y=\"2\"}} 5\ntwice{{y=\"2\",x=\"1\"}} 6\nbad{{l=\""),
            0xFF,
            .. Utf8.GetBytes("\"} 7\nlast 8 1000\n"),
        ];
        probe.Take(text);
        probe.Take(text);
        Assert.Equal(new Dictionary<string, double> { ["good"] = 1, ["last"] = 8, ["twice{x=1,y=2}"] = 5 }, probe.Values);
        Assert.Equal((6, 2, 2, 2), (probe.Collector.DroppedOf(ScrapeDrop.Limit), probe.Collector.DroppedOf(ScrapeDrop.Duplicate), probe.Collector.DroppedOf(ScrapeDrop.Invalid), probe.Collector.DroppedOf(ScrapeDrop.Time)));
    }

    [Fact]
    public void Labels_BeyondThoseThatAreRead_AreNotLookedAtAndTheSampleIsDropped()
    {
        // Empty ones count, too. The last is in no form and fails the whole answer where it is read.
        using var probe = new ScrapeProbe();
        string labels = string.Join(',', Enumerable.Range(1, Agent.Collectors.Scraping.SeriesText.MaxLabels - 1).Select(static i => $"l{i}=\"\""));
        probe.Take($"most{{{labels},l=\"x\"}} 1\nmore{{{labels},l=\"x\",1=\"x\"}} 2\nlast 3\n");
        Assert.Equal(new Dictionary<string, double> { ["most{l=x}"] = 1, ["last"] = 3 }, probe.Values);
        Assert.Equal(1, probe.Collector.DroppedOf(ScrapeDrop.Limit));
        Assert.Equal("line 1 of the answer: the name of a label is not of letters, digits and '_'", Refusal($"a{{{labels},1=\"x\"}} 1\n"));
    }

    [Fact]
    public void Series_AtTheLimits_AreKept()
    {
        using var probe = new ScrapeProbe();
        // 40 attributes of a series: three are the host's here, two are job and instance.
        string labels = string.Join(',', Enumerable.Range(0, 35).Select(static i => $"l{i}=\"x\""));
        probe.Take($"{new string('n', 256)} 2\na{{l=\"{new string('v', 4096)}\"}} 3\nb{{{labels}}} 4\n");
        Assert.Equal(3, probe.Values.Count);
    }

    [Fact]
    public void Labels_CalledLikeOnesOfTheHostOrTheTarget_AreExported()
    {
        using var probe = new ScrapeProbe();
        probe.Take("a{host_name=\"h\",site=\"s\",job=\"theirs\",instance=\"i\",exported_job=\"e\"} 1\n");
        Assert.Equal("a{exported_exported_job=theirs,exported_host_name=h,exported_instance=i,exported_job=e,exported_site=s}", Assert.Single(probe.Values).Key);
    }
}
