using Weir.Agent.Local;

namespace Weir.Agent.Tests.Local;

public sealed class OpenMetricsTextTests
{
    private static string Make(bool isOpenMetrics, Action<OpenMetricsText> fill)
    {
        var text = new OpenMetricsText(isOpenMetrics);
        fill(text);
        return text.Finish();
    }

    private static void Fill(OpenMetricsText text)
    {
        text.Add("a_total", "counter", "How \"many\"\nlines\\.", "", [new("x", "say \"hi\"\n\\"), new("y", "")], 3);
        text.Add("b", "gauge", null, "", [], double.NegativeInfinity);
        text.Add("a_total", "counter", null, "", [], 1e21);
        text.Add("c", "counter", null, "", [], double.NaN);
        text.Add("b", "counter", null, "", [], 5);
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
}
