using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Documents;

/// <summary>Pages that list what the code has are in step with it.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Metrics_page_lists_every_metric_as_it_is()
    {
        string path = RepositoryRoot.Combine("docs", "metrics.md"), page = MetricsPage.Make();
        if (Environment.GetEnvironmentVariable("WEIR_WRITE_DOCS") == "1") File.WriteAllText(path, page);
        Assert.Equal(page, File.ReadAllText(path));
    }

    [Fact]
    public void Reference_configuration_is_the_defaults_and_has_every_key()
    {
        string path = RepositoryRoot.Combine("docs", "weir-agent.reference.yaml");
        AgentConfig? config = AgentConfigReader.TryReadFile(path, out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        var defaults = new AgentConfig();
        Assert.Empty(config!.HostAttributes);
        Assert.All(CollectorCatalog.All, info => Assert.Equal((info.IsDefault, info.Interval), (config.ConfigOf(info.Name).Enabled, config.ConfigOf(info.Name).Interval ?? info.Interval)));
        Assert.All(config.Collectors.Values, static collector => Assert.Empty((string[])[.. collector.Names.Include, .. collector.Names.Exclude]));
        Assert.Equal(defaults with { DataDirectory = "/var/lib/weir-agent" }, config with { Collectors = defaults.Collectors });
        string text = File.ReadAllText(path);
        foreach (string key in (string[])["gateway", "join_token", "enroll_address", "insecure", "data_directory", "interval", "normal_interval", "frame_seconds", "uplink", "metered", "upload_above", "spool_bytes", "spool_reserve_bytes", "listen", "log_level", "name", "attributes", "pdh", "objects", "object", "instances", "attribute", "max_instances", "counters", "counter", "metric", "unit", "kind", "part", "factor", .. CollectorCatalog.All.Select(static collector => collector.Name)])
            Assert.Contains($"{key}:", text, StringComparison.Ordinal);
    }
}
