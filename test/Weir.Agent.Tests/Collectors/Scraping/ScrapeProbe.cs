using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Scraping;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>A scrape collector with its columns.</summary>
internal sealed class ScrapeProbe : IDisposable
{
    private static readonly string[] HostLabels = ["host_name", "host_id", "site"];

    public ScrapeProbe(ScrapeTarget? target = null, TimeProvider? time = null, ILogger? logger = null)
    {
        Target = target ?? At("http://localhost:9100/metrics");
        Collector = new ScrapeCollector(Target, HostLabels, time ?? TimeProvider.System, logger ?? NullLogger.Instance);
    }

    public ScrapeTarget Target { get; }

    public ScrapeCollector Collector { get; }

    public Columns Columns { get; } = new();

    /// <summary>The target's series that have a value: name and labels, in the schema's order, without job and instance.</summary>
    public Dictionary<string, double> Values => Present(series => series >= ScrapeCollector.OwnSeries);

    /// <summary>What tells of the scrape itself.</summary>
    public Dictionary<string, double> Own => Present(static series => series < ScrapeCollector.OwnSeries);

    public static ScrapeTarget At(string url) => new() { Name = "app", Url = new Uri(url) };

    public void Take(string text, ExpositionFormat format = ExpositionFormat.Text) => Take(Encoding.UTF8.GetBytes(text), format);

    public void Take(byte[] text, ExpositionFormat format = ExpositionFormat.Text)
    {
        Columns.Clear();
        Collector.Take(text, format, Columns);
    }

    public void Collect()
    {
        Columns.Clear();
        Collector.Collect(Columns);
    }

    public MetricKind KindOf(string name) => MetricOf(name).Kind;

    public Metric MetricOf(string name) => Columns.Parts.SelectMany(static part => part.Template.Metrics).Single(metric => metric.Name == name);

    public void Dispose() => Collector.Dispose();

    private Dictionary<string, double> Present(Func<int, bool> wanted)
    {
        var values = new Dictionary<string, double>();
        if (Columns.Count == 0) return values;
        var schema = new Schema(Columns.Parts);
        for (int s = 0; s < Columns.Count; s++)
        {
            if (!wanted(s) || Columns.States[s] != Columns.Present) continue;
            string labels = string.Join(',', schema.AttributesOf(s).Where(static label => label is not { Key: "job", Value: "app" } and not { Key: "instance" } and not { Key: "weir.scrape.target" }).Select(static label => $"{label.Key}={label.Value}"));
            values.Add(labels.Length == 0 ? schema.MetricOf(s).Name : $"{schema.MetricOf(s).Name}{{{labels}}}", Columns.Values[s]);
        }

        return values;
    }
}
