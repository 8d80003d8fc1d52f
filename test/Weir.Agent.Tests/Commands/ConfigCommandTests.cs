using Weir.Agent.Commands;

namespace Weir.Agent.Tests.Commands;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-config-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Check_OfWhatHardlyIsMeant_SaysItAndAccepts()
    {
        string token = Path.Combine(_folder.FullName, "token"), ca = Path.Combine(_folder.FullName, "ca.pem");
        await File.WriteAllTextAsync(token, "secret", TestContext.Current.CancellationToken);

        (int code, string output, string error) = await CheckAsync($$"""
            interval: 5s
            normal_interval: 1s
            collectors:
              scrape:
                targets:
                  - { name: node, url: "https://localhost:9100/metrics", bearer_token_file: {{token}}, tls: { ca_file: {{ca}} } }
                  - { name: other, url: "https://localhost:9101/metrics", bearer_token_file: {{_folder.FullName}} }
            """);

        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains("The configuration is good.", output, StringComparison.Ordinal);
        string[] notes = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, notes.Length);
        Assert.Contains("note: normal_interval: 1s is shorter than interval (5s)", notes[0], StringComparison.Ordinal);
        Assert.Contains($"note: collectors.scrape.targets, node: tls.ca_file: {ca} is not there", notes[1], StringComparison.Ordinal);
        Assert.Contains($"note: collectors.scrape.targets, other: bearer_token_file: {_folder.FullName} cannot be read", notes[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfTheDefaults_HasNothingToSay()
    {
        (int code, string output, string error) = await CheckAsync("interval: 1s\n");
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
