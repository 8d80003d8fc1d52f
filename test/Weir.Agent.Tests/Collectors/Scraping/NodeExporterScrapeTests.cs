using System.Globalization;
using System.Text.RegularExpressions;
using Weir.Agent.Collectors.Scraping;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>What is scraped from a real node_exporter is what it says: each scrape stands between two readings of the same endpoint by other means.</summary>
public sealed partial class NodeExporterScrapeTests
{
    private const int Rounds = 5;

    // Debian's writes no OpenMetrics: ClientLibraryTests has a source that does.
    [Fact]
    public async Task NodeExporter_Scraped_EqualsItsOwnAnswersBeforeAndAfter()
    {
        Assert.SkipUnless(RunningNodeExporter.IsHere, "needs node_exporter: apt-get install prometheus-node-exporter");
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await using RunningNodeExporter exporter = await RunningNodeExporter.StartAsync(cancellationToken);
        using var http = new HttpClient();
        using var probe = new ScrapeProbe(ScrapeProbe.At(exporter.Url));
        var direct = new Dictionary<string, double>();
        HashSet<string> moved = [], equal = [];
        int between = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Dictionary<string, double> before = await ReadAsync(http, exporter.Url, cancellationToken);
            probe.Collect();
            Dictionary<string, double> after = await ReadAsync(http, exporter.Url, cancellationToken);
            Assert.Null(probe.Collector.Shortfall);
            Dictionary<string, (MetricKind Kind, double Value)> scraped = Scraped(probe);
            Assert.Empty(before.Keys.Intersect(after.Keys).Except(scraped.Keys));
            Assert.Empty(scraped.Keys.Except(before.Keys.Union(after.Keys)));
            Assert.Equal(scraped.Count, probe.Own["weir.scrape.series"]);
            foreach ((string series, (MetricKind kind, double value)) in scraped)
            {
                if (!before.TryGetValue(series, out double low) || !after.TryGetValue(series, out double high)) continue;
                if (kind == MetricKind.Counter && low <= high)
                {
                    Assert.True(value >= low && value <= high, $"{series}: {value} does not lie between {low} and {high}");
                    between++;
                }
                else if (kind == MetricKind.Gauge)
                {
                    if (!low.Equals(high) || !direct.GetValueOrDefault(series, low).Equals(low)) moved.Add(series);
                    direct[series] = low;
                    if (value.Equals(low)) equal.Add(series);
                }
            }
        }

        // A gauge that no direct reading saw move may still have moved between two of them, but not each time.
        string[] still = [.. direct.Keys.Except(moved)];
        Assert.Empty(still.Except(equal));
        Assert.True(still.Length > 100 && between > 100 * Rounds, $"{still.Length} constant gauges and {between} counters were compared");
        Assert.Equal(0, probe.Collector.DroppedOf(ScrapeDrop.Duplicate) + probe.Collector.DroppedOf(ScrapeDrop.Limit) + probe.Collector.DroppedOf(ScrapeDrop.Invalid) + probe.Collector.DroppedOf(ScrapeDrop.Time));
    }

    private static Dictionary<string, (MetricKind Kind, double Value)> Scraped(ScrapeProbe probe)
    {
        var schema = new Schema(probe.Columns.Parts);
        return Enumerable.Range(ScrapeCollector.OwnSeries, schema.SeriesCount - ScrapeCollector.OwnSeries).ToDictionary(
            series => Identity(schema.MetricOf(series).Name, schema.AttributesOf(series).Where(static label => label.Key is not ("job" or "instance")).Select(static label => (label.Key, label.Value))),
            series => (schema.MetricOf(series).Kind, probe.Columns.Values[series]));
    }

    private static async Task<Dictionary<string, double>> ReadAsync(HttpClient http, string url, CancellationToken cancellationToken)
    {
        string text = await http.GetStringAsync(new Uri(url), cancellationToken);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#').Select(static line => Sample().Match(line)).ToDictionary(
            static sample => Identity(sample.Groups["name"].Value, Label().Matches(sample.Groups["labels"].Value).Select(static label => (label.Groups[1].Value, Regex.Unescape(label.Groups[2].Value))).Where(static label => label.Item2.Length > 0)),
            static sample => sample.Groups["value"].Value switch
            {
                "+Inf" => double.PositiveInfinity,
                "NaN" => double.NaN,
                var number => double.Parse(number, CultureInfo.InvariantCulture),
            });
    }

    private static string Identity(string name, IEnumerable<(string Key, string Value)> labels) =>
        $"{name} {string.Join(' ', labels.OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}"))}";

    [GeneratedRegex("^(?<name>[^{ ]+)(?:\\{(?<labels>.*)\\})? (?<value>[^ ]+)$")]
    private static partial Regex Sample();

    [GeneratedRegex("([a-zA-Z0-9_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Label();
}
