using CsCheck;
using Weir.Agent.Collectors;
using Weir.Agent.Commands;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Configuration;

public sealed class ConfigPrintTests
{
    private const string Everything = """
        gateway: a.example:7400 b.example:7400
        enroll_address: a.example:7501
        insecure: true
        data_directory: /some where/50% "x"
        profile: 10s
        interval: 500ms
        frame_seconds: 0
        uplink: { transport: post, proxy: system, heartbeat: 1m, metered: true, upload_above: 1GiB }
        spool_bytes: 64MiB
        spool_reserve_bytes: 0
        limits: { max_series_per_collector: 12 }
        log_level: warning
        host: { name: db-1, attributes: { site: "berlin: \"mitte\"\n#2", "odd key": "- x" } }
        collectors: { disk: { enabled: false }, filesystem: { interval: 2m }, network: { include: [eth*, "?x, y"], exclude: eth9 } }
        """;

    [Theory]
    [InlineData("")]
    [InlineData("profile: 10s\n")]
    [InlineData("collectors: { pdh: { objects: [ { name: web, object: Web Service, counters: [ { counter: 'Bytes Total/sec', metric: windows.iis.bytes, unit: By, kind: counter } ] } ] } }")]
    [InlineData(Everything)]
    public void Print_AnyConfiguration_ReadsBackAsTheSame(string yaml)
    {
        (AgentConfig config, string printed, _) = Print(yaml);
        (AgentConfig again, string reprinted, _) = Print(printed);
        Assert.Equal(printed, reprinted);
        Assert.Equal(config with { Collectors = again.Collectors }, again);
        foreach (CollectorInfo info in CollectorCatalog.All)
        {
            Assert.Equal((info.IsEnabled(config), info.IntervalIn(config)), (info.IsEnabled(again), info.IntervalIn(again)));
            Assert.Equal(config.ConfigOf(info.Name).Names.Include, again.ConfigOf(info.Name).Names.Include);
            Assert.Equal(config.ConfigOf(info.Name).Names.Exclude, again.ConfigOf(info.Name).Names.Exclude);
        }
    }

    [Fact]
    public void Print_AnyText_ReadsBackAsTheSame() => Gen.String[Gen.Char["aé: #'\"\\\t\n-[]{},&*!|>%@`?\u2028\u0001"], 1, 20].Sample(static value =>
    {
        using var text = new StringReader($"host: {{ attributes: {{ key: {System.Text.Json.JsonSerializer.Serialize(value)} }} }}\n");
        var record = new ConfigNode("", ConfigKind.Section);
        AgentConfig config = AgentConfigReader.TryRead(text, out _, record)!;
        Assert.Equal(value, config.HostAttributes["key"]);
        Assert.Equal(value, Print(ConfigCommand.Print(config, record, [])).Config.HostAttributes["key"]);
    });

    [Fact]
    public void Describe_AlignsItsColumnsAndSaysWhatThisSystemLacks()
    {
        using var output = new StringWriter();
        ConfigCommand.Describe(new AgentConfig(), output);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Contains(lines, static line => line.StartsWith("file_descriptors ", StringComparison.Ordinal));
        Assert.Single(lines.Select(static line => line.Length - line[line.IndexOf(' ', StringComparison.Ordinal)..].TrimStart().Length).Distinct());
        foreach (CollectorInfo info in CollectorCatalog.All.Where(static info => info.Sources.Count == 0))
            Assert.Matches($"^{info.Name} +not on this system$", Assert.Single(lines, line => line.StartsWith(info.Name + " ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Print_HasNoCommentsAndEveryDefault()
    {
        string printed = Print("").Printed;
        Assert.DoesNotContain('#', printed);
        Assert.StartsWith("profile: 1s\n", printed, StringComparison.Ordinal);
        Assert.Contains("\ninterval: 1s\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nspool_bytes: 536870912\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nlog_level: information\n", printed, StringComparison.Ordinal);
        Assert.Contains("\n  filesystem:\n    enabled: true\n    interval: 15s\n", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Print_Secrets_AreNotShown()
    {
        const string Secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        (_, string printed, List<string> hidden) = Print($$"""
            join_token: weir1.0123456789abcdef.{{Secret}}.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA
            uplink: { proxy: "http://ann:sesame@proxy.example:3128" }
            """);
        Assert.Equal(["join_token"], hidden);
        Assert.DoesNotContain(Secret, printed, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", printed, StringComparison.Ordinal);
        Assert.Contains("proxy: \"http://ann:xxxxx@proxy.example:3128\"\n", printed, StringComparison.Ordinal);
    }

    private static (AgentConfig Config, string Printed, List<string> Hidden) Print(string yaml)
    {
        using var text = new StringReader(yaml);
        var record = new ConfigNode("", ConfigKind.Section);
        AgentConfig? config = AgentConfigReader.TryRead(text, out IReadOnlyList<ConfigError> errors, record);
        Assert.Empty(errors);
        List<string> hidden = [];
        return (config!, ConfigCommand.Print(config!, record, hidden), hidden);
    }
}
