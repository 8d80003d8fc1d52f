using System.Text;
using Weir.Agent.Local;
using Weir.Frames;

namespace Weir.Agent.Tests.Local;

public sealed class OpenMetricsTextTests
{
    private static string Make(bool isOpenMetrics, Action<OpenMetricsText> fill)
    {
        var text = new OpenMetricsText(isOpenMetrics);
        fill(text);
        return Encoding.UTF8.GetString(text.Finish().Span);
    }

    private static void Fill(OpenMetricsText text)
    {
        text.Add("a_total", "counter", "How \"many\"\nlines\\.", [new("x", "say \"hi\"\n\\"), new("y", "")], 3);
        text.Add("b", "gauge", null, [], double.NegativeInfinity);
        text.Add("a_total", "counter", null, [], 1e21);
        text.Add("c", "counter", null, [], double.NaN);
        text.Add("b", "counter", null, [], 5);
    }

    [Fact]
    public void Finish_OpenMetrics_FamiliesTogetherEscapedAndEnded() => Assert.Equal(
        """
        # TYPE a counter
        # HELP a How \"many\"\nlines\\.
        a_total{x="say \"hi\"\n\\",y=""} 3
        a_total 1E+21
        # TYPE b gauge
        b -Inf
        # TYPE c unknown
        c NaN
        # EOF

        """.ReplaceLineEndings("\n"),
        Make(isOpenMetrics: true, Fill));

    [Fact]
    public void Finish_Prometheus_CountersKeepTheirNameAndNothingEndsIt() => Assert.Equal(
        """
        # TYPE a_total counter
        # HELP a_total How "many"\nlines\\.
        a_total{x="say \"hi\"\n\\",y=""} 3
        a_total 1E+21
        # TYPE b gauge
        b -Inf
        # TYPE c untyped
        c NaN

        """.ReplaceLineEndings("\n"),
        Make(isOpenMetrics: false, Fill));

    [Fact]
    public void Clear_NextPage_HasNothingOfTheOneBeforeAndWhatItHasInCommonCostsNoMemory()
    {
        var text = new OpenMetricsText(isOpenMetrics: true);
        var metric = new Metric("system.cpu.time", "s", MetricKind.Counter);
        SeriesAttribute[] attributes = [new("cpu.mode", "user"), new("cpu.logical_number", "0")];
        Fill(text);
        text.Finish();
        text.Clear();
        for (int page = 0; page < 3; page++)
        {
            text.AddSeries(metric, NamingRule.OpenTelemetry, attributes, 0.125);
            Assert.Equal(
                "# TYPE system_cpu_time_seconds counter\nsystem_cpu_time_seconds_total{cpu_mode=\"user\",cpu_logical_number=\"0\"} 0.125\n# EOF\n", Encoding.UTF8.GetString(text.Finish().Span));
            text.Clear();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int page = 0; page < 10; page++)
        {
            text.AddSeries(metric, NamingRule.OpenTelemetry, attributes, page);
            text.Finish();
            text.Clear();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
