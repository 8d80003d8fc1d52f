using System.Text;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Tests.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Documents;

/// <summary>docs/metrics.md as the code has it.</summary>
internal static class MetricsPage
{
    private const string Head = """
        # Metrics

        What `weir-agent` measures, in OpenTelemetry names. The Prometheus name follows from name and unit ([query.md](query.md)). Every
        series also carries `host_name`, `host_id` and the configured static attributes. This page is made from the code
        (`WEIR_WRITE_DOCS=1 ./eng/test Agent` writes it anew, the test compares).

        Where several sources are named the first that works is read, and the next takes its place where it fails. **Needs** is what a source, or a part of it, needs beyond
        an ordinary user's rights; `weir-agent doctor` says what is missing on a host, and how to grant it. Nothing is ever granted or changed by itself. What a collector costs on
        a host (time and memory a tick) `weir-agent list` says. Sources of Windows are for build 14393 (Server 2016, Windows 10 1607) and later, which is what .NET 10 needs; one that needs a later build says so.


        """;

    private const string Foot = """

        Left out by default: loop and RAM disks without I/O; `lo` and the host's ends of container links; pseudo and network file systems: `include` and
        `exclude` of a collector say otherwise ([weir-agent.reference.yaml](weir-agent.reference.yaml)). CPU is per logical processor only: a total is a query.
        Counters that a system keeps in 32 bits (Windows: context switches, interrupts, system calls, page faults, segments and datagrams, many performance counters; Linux: backlog and conntrack)
        count from zero since the agent began, others as the system does.

        """;

    /// <summary>Makes the page.</summary>
    public static string Make()
    {
        var text = new StringBuilder(Head);
        foreach (CollectorInfo collector in CollectorCatalog.All)
        {
            text.Append($"## {collector.Name}\n\n");
            text.Append($"Lane {LaneOptions.Of(collector.Lane).Name}, every {Interval(collector)}{(collector.IsDefault ? "" : "; off by default")}.\n\n");
            AddSources(text, "Linux", collector.Linux);
            AddSources(text, "Windows", collector.Windows);
            text.Append("| metric | unit | kind | attributes | Linux | Windows |\n|---|---|---|---|---|---|\n");
            foreach (Template template in collector.Linux.Concat(collector.Windows).SelectMany(static source => source.Templates).Distinct())
                foreach (Metric metric in template.Metrics) AddMetric(text, metric, template, Names(collector.Linux, template), Names(collector.Windows, template));
            text.Append('\n');
        }

        text.Append("## scrape:NAME\n\nLane scrape, each target every 15s or as configured, alone in its group. The target's series keep their names and labels ([agent.md](agent.md)); these tell of the scrape.\n\n");
        text.Append("| metric | unit | kind | attributes | Linux | Windows |\n|---|---|---|---|---|---|\n");
        foreach (Template template in (Template[])[Templates.Scrape, Templates.ScrapeDropped])
            foreach (Metric metric in template.Metrics) AddMetric(text, metric, template, "HTTP", "HTTP");
        text.Append('\n');
        text.Append("## The agent itself\n\n| metric | unit | kind | attributes | Linux | Windows |\n|---|---|---|---|---|---|\n");
        AddMetric(text, AgentTemplates.Tick.Metrics[0], AgentTemplates.Tick, "how much later than its nominal time the last collector of a tick began to read", "the same");
        AddMetric(text, AgentTemplates.LeftOut.Metrics[0], AgentTemplates.LeftOut, "", "instances of a performance object beyond the limit; absent where there are none");
        text.Append(Foot).Append("## Beside node_exporter\n\nWhat node_exporter 1.5 measures by default and `weir-agent` does not; one that runs beside it can be [scraped](agent.md):\n\n");
        foreach ((string families, string what) in NodePairs.LeftOut) text.Append($"- {what} (`{families.Replace(" ", "`, `", StringComparison.Ordinal)}`)\n");
        return text.ToString();
    }

    private static string Interval(CollectorInfo collector) => collector.Lane == LaneKind.High ? "tick" : Duration.Format(collector.IntervalIn(new AgentConfig()));

    private static void AddSources(StringBuilder text, string system, IReadOnlyList<CollectorSource> sources)
    {
        foreach (CollectorSource source in sources.Where(static source => source.Needs is not null || source.PartlyNeeds is not null || source.MinBuild > CollectorSource.OldestBuild))
        {
            text.Append($"- {system}, {source.Name}:");
            if (source.Needs is { } right) text.Append($" needs {right.Name} ({right.Grant})");
            if (source.PartlyNeeds is { } partly) text.Append($" for {partly.Part} needs {partly.Right.Name} ({partly.Right.Grant})");
            if (source.MinBuild > CollectorSource.OldestBuild) text.Append($"{(source.Needs is null ? "" : ";")} from build {source.MinBuild} on");
            text.Append("\n\n");
        }
    }

    private static void AddMetric(StringBuilder text, Metric metric, Template template, string linux, string windows)
    {
        string keys = string.Join(", ", template.AttributeKeys.Select(static key => $"`{key}`"));
        text.Append($"| `{metric.Name}` | `{metric.Unit}` | {(metric.Kind == MetricKind.Counter ? "counter" : "gauge")} |{Cell(keys)}|{Cell(linux)}|{Cell(windows)}|\n");
    }

    private static string Cell(string text) => text.Length == 0 ? " " : $" {text} ";

    private static string Names(IReadOnlyList<CollectorSource> sources, Template template) =>
        string.Join("; ", sources.Where(source => source.Templates.Contains(template)).Select(static source => source.Name));
}
