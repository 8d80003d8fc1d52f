using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Frames;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Documents;

/// <summary>Pages that list what the code has are in step with it.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Metrics_page_lists_every_metric_as_it_is()
    {
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (CollectorInfo collector in CollectorCatalog.All)
            foreach (Template template in collector.Linux.Concat(collector.Windows)) Add(template, collector.Name);
        Add(AgentTemplates.Tick, "");
        var listed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(RepositoryRoot.Combine("docs", "metrics.md")).Where(static line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            string[] cells = [.. line.Split('|').Select(static cell => cell.Trim())];
            listed.Add($"{cells[1]} {cells[2]} {cells[3]} {cells[4]} {cells[5]}");
        }

        Assert.Equal(expected, listed);

        void Add(Template template, string collector)
        {
            foreach (Metric metric in template.Metrics)
            {
                string keys = string.Join(", ", template.AttributeKeys.Select(static key => $"`{key}`"));
                expected.Add($"`{metric.Name}` `{metric.Unit}` {(metric.Kind == MetricKind.Counter ? "counter" : "gauge")} {keys} {collector}");
            }
        }
    }

    [Fact]
    public void Reference_configuration_is_the_defaults_and_has_every_key()
    {
        string path = RepositoryRoot.Combine("docs", "weir-agent.reference.yaml");
        AgentConfig? config = AgentConfigReader.TryReadFile(path, out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        var defaults = new AgentConfig();
        Assert.Empty(config!.HostAttributes);
        Assert.Empty(config.Collectors);
        Assert.Equal(defaults with { DataDirectory = "/var/lib/weir-agent" }, config with { HostAttributes = defaults.HostAttributes, Collectors = defaults.Collectors });
        string text = File.ReadAllText(path);
        foreach (string key in (string[])["gateway", "join_token", "enroll_address", "insecure", "data_directory", "interval", "frame_seconds", "uplink", "metered", "upload_above", "spool_bytes", "spool_reserve_bytes", "log_level", "name", "attributes", .. CollectorCatalog.All.Select(static collector => collector.Name)])
            Assert.Contains($"{key}:", text, StringComparison.Ordinal);
    }
}
