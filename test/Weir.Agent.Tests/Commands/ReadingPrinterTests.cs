using Weir.Agent.Commands;
using Weir.Frames;

namespace Weir.Agent.Tests.Commands;

public sealed class ReadingPrinterTests
{
    private static string Print(Reading reading, OutputFormat format)
    {
        using var output = new StringWriter();
        ReadingPrinter.Print(output, [reading], format);
        return output.ToString().ReplaceLineEndings("\n");
    }

    [Fact]
    public void Print_Table_ShowsNoOrdersForTheTerminal()
    {
        var reading = new Reading("scrape:app", new Metric("app.size", "By", MetricKind.Gauge), NamingRule.OpenTelemetry, [new SeriesAttribute("path", "a\u001b[31m\r\nb\u202ec")], 2);
        Assert.Equal("app.size  path=a [31m b c      2  By", Print(reading, OutputFormat.Table).Split('\n')[1]);
        Assert.Contains("""a\u001B[31m\r\nb""", Print(reading, OutputFormat.Json), StringComparison.Ordinal);
    }
}
