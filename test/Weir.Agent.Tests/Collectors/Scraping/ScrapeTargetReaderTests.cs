using Weir.Agent.Collectors;
using Weir.Agent.Collection;
using System.Net;
using Weir.Agent.Collectors.Scraping;
using Weir.Agent.Configuration;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Collectors.Scraping;

public sealed class ScrapeTargetReaderTests
{
    private static IReadOnlyList<ScrapeTarget> Read(string targets)
    {
        AgentConfig? config = AgentConfigReader.TryRead(new StringReader($"collectors:\n  scrape:\n    targets:\n{targets}"), out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        return config!.ScrapeTargets;
    }

    private static string Errors(string target)
    {
        Assert.Null(AgentConfigReader.TryRead(new StringReader($"collectors: {{ scrape: {{ targets: [ {target} ] }} }}\n"), out IReadOnlyList<ConfigError> errors));
        return string.Join('\n', errors);
    }

    [Fact]
    public void Target_WithNameAndUrl_HasTheDefaults()
    {
        ScrapeTarget target = Assert.Single(Read("    - { name: node, url: \"http://localhost:9100/metrics\" }\n"));
        Assert.Equal(("node", "localhost:9100", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(6), 8 << 20, 5000), (target.Name, target.Instance, target.Interval, target.Deadline, target.MaxBytes, target.MaxSeries));
        Assert.Equal((null, null, false, 0, 0), (target.BearerTokenFile, target.CaFile, target.InsecureSkipVerify, target.Headers.Count, target.Relabel.Count));
    }

    [Fact]
    public void Reference_Example_IsGoodAndSaysEveryKey()
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.Combine("docs", "weir-agent.reference.yaml"));
        int start = Array.FindIndex(lines, static line => line == "    targets:");
        string example = string.Concat(lines.Skip(start + 1).TakeWhile(static line => line.StartsWith("      # ", StringComparison.Ordinal)).Select(static line => $"    {line[8..]}\n"));
        ScrapeTarget target = Assert.Single(Read(example));
        Assert.Equal(("node", "text/plain", 2), (target.Name, target.Headers["Accept"], target.Relabel.Count));
        var defaults = new ScrapeTarget { Name = "node", Url = new Uri("http://localhost:9100/metrics") };
        Assert.Equal((defaults.Interval, defaults.Deadline, defaults.MaxBytes, defaults.MaxSeries), (target.Interval, target.Deadline, target.MaxBytes, target.MaxSeries));
        Assert.Contains($"1 to {Weir.Agent.Collection.Columns.MaxSeries - ScrapeCollector.OwnSeries}.", File.ReadAllText(RepositoryRoot.Combine("docs", "weir-agent.reference.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void Url_OfThisHost_NeedsNothing_AnotherNeedsRemote()
    {
        foreach (string host in (string[])["localhost", "app.localhost", "127.0.0.2", "[::1]", Dns.GetHostName()]) Open($"    - {{ name: a, url: \"https://{host}/m\" }}\n").Dispose();
        foreach (string host in (string[])["example.com", "192.0.2.1", "169.254.169.254", "[2001:db8::1]"])
        {
            Assert.Contains("remote: true", Assert.Throws<SourceException>(() => Open($"    - {{ name: a, url: \"http://{host}/m\" }}\n")).Message, StringComparison.Ordinal);
            Open($"    - {{ name: a, url: \"http://{host}/m\", remote: true }}\n").Dispose();
        }

        // As the collector is made, before its first tick: an address may come to an interface later.
        static ICollector Open(string yaml)
        {
            AgentConfig config = new() { ScrapeTargets = Read(yaml) };
            return ScrapePlan.Of(config).Single().Sources[0].Create(CollectorContext.Default);
        }
    }

    [Theory]
    [InlineData("{ url: \"http://localhost/\" }", "targets[0].name: '' is not allowed; allowed: a name")]
    [InlineData("{ name: a }", "targets[0].url: '' is not allowed; allowed: a URL")]
    [InlineData("{ name: \"a b\", url: \"http://localhost/\" }", "1 to 64 letters")]
    [InlineData("{ name: a, url: \"http://localhost/\" }, { name: a, url: \"http://localhost/\" }", "targets[1].name: 'a'")]
    [InlineData("{ name: a, url: \"ftp://localhost/\" }", "a URL with http or https")]
    [InlineData("{ name: a, url: /metrics }", "a URL with http or https")]
    [InlineData("{ name: a, url: \"http://localhost/\", interval: 10ms }", "100ms to 1h")]
    [InlineData("{ name: a, url: \"http://localhost/\", deadline: 7s }", "1ms to 6s")]
    [InlineData("{ name: a, url: \"http://localhost/\", interval: 1h, deadline: 31s }", "1ms to 30s")]
    [InlineData("{ name: a, url: \"http://localhost/\", max_bytes: 100 }", "1KiB to 64MiB")]
    [InlineData("{ name: a, url: \"http://localhost/\", max_series: 8000 }", "a whole number from 1 to 7993")]
    [InlineData("{ name: a, url: \"http://localhost/\", bearer_token_file: token }", "an absolute path")]
    [InlineData("{ name: a, url: \"http://192.0.2.1/\", remote: true, bearer_token_file: /token }", "only for https")]
    [InlineData("{ name: a, url: \"http://localhost/\", headers: { Transfer-Encoding: chunked } }", "headers that the agent does not set itself")]
    [InlineData("{ name: a, url: \"http://localhost/\", tls: { ca_fil: /x } }", "did you mean ca_file?")]
    [InlineData("{ name: a, url: \"http://localhost/\", urls: x }", "did you mean url?")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { action: hashmod, source_labels: [a], target_label: b } ] }", "hashmod shares targets")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { action: drop, regex: x } ] }", "relabel[0].source_labels")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { action: drop, source_labels: [a], regex: \"(a\" } ] }", "a regular expression")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { action: drop, source_labels: [a], regex: \"(a)\\\\1\" } ] }", "back references")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { action: replace, source_labels: [a] } ] }", "the label that is set")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { target_label: a-b } ] }", "a name of a label")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { source_labels: [a-b], target_label: x } ] }", "'a-b' is none")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { action: labeldrop, regex: x, target_label: y } ] }", "no target_label with action labeldrop")]
    [InlineData("{ name: a, url: \"http://localhost/\", relabel: [ { modulus: 3, target_label: y } ] }", "modulus")]
    public void Mistake_IsNamedPrecisely(string target, string error) => Assert.Contains(error, Errors(target), StringComparison.Ordinal);

    [Fact]
    public void Secrets_AreNotRepeatedInErrors()
    {
        Assert.DoesNotContain("s3cret", Errors("{ name: a, url: \"http://ann:s3cret@localhost/\" }"), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", Errors("{ name: a, url: \"http://localhost/\", headers: { Authorization: \"s3cret\\n\" } }"), StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_AreAtMost32() => Assert.Contains("at most 32 targets", Errors(string.Join(", ", Enumerable.Range(0, 33).Select(static i => $"{{ name: a{i}, url: \"http://localhost/\" }}"))), StringComparison.Ordinal);
}
