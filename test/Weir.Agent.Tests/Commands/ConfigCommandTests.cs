using Weir.Agent.Commands;

namespace Weir.Agent.Tests.Commands;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-config-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Check_OfWhatHasNoEffectOrIsNotThere_SaysItAndAccepts()
    {
        string token = Path.Combine(_folder.FullName, "token"), ca = Path.Combine(_folder.FullName, "ca.pem"), empty = Path.Combine(_folder.FullName, "empty");
        await File.WriteAllTextAsync(token, "secret", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(empty, "", TestContext.Current.CancellationToken);

        (int code, string output, string error) = await CheckAsync($$"""
            interval: 5s
            normal_interval: 1s
            collectors:
              scrape:
                targets:
                  - { name: node, url: "https://localhost:9100/metrics", bearer_token_file: {{token}}, tls: { ca_file: {{ca}} } }
                  - { name: other, url: "https://localhost:9101/metrics", bearer_token_file: {{_folder.FullName}}, tls: { ca_file: {{ca}}, insecure_skip_verify: true } }
                  - { name: third, url: "https://localhost:9102/metrics", bearer_token_file: {{empty}} }
                  - { name: fourth, url: "https://localhost:9103/metrics", bearer_token_file: "/a\0b" }
            """);

        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains("The configuration is good.", output, StringComparison.Ordinal);
        string[] notes = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, notes.Length);
        Assert.Equal("note: normal_interval: 1s has no effect: no lane is read more often than interval (5s) says", notes[0]);
        Assert.StartsWith($"note: collectors.scrape.targets, node: tls.ca_file: {ca} is not there", notes[1], StringComparison.Ordinal);
        Assert.Equal($"note: collectors.scrape.targets, other: bearer_token_file: {_folder.FullName} is a directory", notes[2]);
        Assert.Equal($"note: collectors.scrape.targets, third: bearer_token_file: {empty} is empty", notes[3]);
        Assert.StartsWith("note: collectors.scrape.targets, fourth: bearer_token_file: /a\0b", notes[4], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("interval: 1s\n")]
    [InlineData("interval: 30s\n")]
    [InlineData("profile: 10s\n")]
    public async Task Check_OfWhatIsMeant_HasNothingToSay(string yaml)
    {
        (int code, string output, string error) = await CheckAsync(yaml);
        Assert.Equal((ExitCodes.Ok, ""), (code, error));
        Assert.Contains("The configuration is good.", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> CheckAsync(string yaml)
    {
        string file = Path.Combine(_folder.FullName, "weir-agent.yaml");
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await AgentCommandLine.RunAsync(["config", "check", file], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
