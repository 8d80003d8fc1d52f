using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Commands;
using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Log;

namespace Weir.Agent.Tests.Commands;

public sealed class RunCommandTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("weir-run-").FullName;
    private readonly string _config = Path.GetTempFileName();

    public void Dispose()
    {
        Directory.Delete(_data, recursive: true);
        File.Delete(_config);
    }

    [Theory]
    [InlineData("interval: never\n", "line 1: interval", "never")]
    [InlineData("log_level: warning\nspool_bytes: 12 parsecs\n", "line 2: spool_bytes", "12 parsecs")]
    [InlineData("gateway: weir.example.com\n", "gateway", "weir.example.com")]
    [InlineData("gatway: weir.example.com:7400\n", "line 1: gatway", "gatway")]
    [InlineData("collectors: [ disk\n", "line", "")]
    public async Task Run_BrokenConfiguration_IsRefusedPreciselyAndLeavesTheDataAlone(string yaml, string place, string value)
    {
        await using (AgentStore store = await AgentStore.OpenAsync(StoreHarness.Options(_data, 64 << 20, 2000), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance))
            await store.AppendSchemaAsync(TestSeries.Schema(), TestContext.Current.CancellationToken);
        Dictionary<string, string> before = await ReadDataAsync();
        Assert.True(before.Count > 3);
        await File.WriteAllTextAsync(_config, yaml, TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        using var error = new StringWriter();

        int code = await AgentCommandLine.RunAsync(["run", "--config", _config, "--data", _data], output, error);

        Assert.Equal(ExitCodes.BadUsage, code);
        Assert.Contains(place, error.ToString(), StringComparison.Ordinal);
        Assert.Contains(value, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await ReadDataAsync());
    }

    [Fact]
    public async Task Run_TokenFileIsGone_IsRefusedUnlessTheAgentHasJoined()
    {
        string token = Path.Combine(_data, "join-token");
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.BadUsage, await AgentCommandLine.RunAsync(["run", "--data", _data, "--token", $"@{token}"], TextWriter.Null, error));
        Assert.Contains($"--token: {token} cannot be read", error.ToString(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(token, "not a token", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.BadUsage, await AgentCommandLine.RunAsync(["run", "--data", _data, "--token", $"@{token}"], TextWriter.Null, error));
        Assert.Contains($"--token: what stands in {token} is not allowed", error.ToString(), StringComparison.Ordinal);

        File.Delete(token);
        Directory.CreateDirectory(AgentIdentity.FolderOf(_data));
        await File.WriteAllTextAsync(Path.Combine(AgentIdentity.FolderOf(_data), CredentialsFile.Name), "", TestContext.Current.CancellationToken);
        System.CommandLine.ParseResult parsed = AgentCommandLine.Parse(new System.CommandLine.RootCommand { RunCommand.Create() }, ["run", "--data", _data, "--token", $"@{token}"]);
        Assert.Null(RunCommand.TryConfigure(parsed)!.JoinToken);
    }

    [Fact]
    public async Task Run_DataDirectoryOfAnotherAgent_SaysSoOnceWithItsOwnExitCode()
    {
        await using AgentStore store = await AgentStore.OpenAsync(StoreHarness.Options(_data, 64 << 20, 2000), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.DataInUse, await AgentCommandLine.RunAsync(["run", "--data", _data], output, error));
        Assert.StartsWith($"{_data} is in use by another agent", error.ToString(), StringComparison.Ordinal);
    }

    private async Task<Dictionary<string, string>> ReadDataAsync()
    {
        var files = new Dictionary<string, string>();
        foreach (string path in Directory.GetFiles(_data, "*", SearchOption.AllDirectories))
            files[path] = Convert.ToHexString(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        return files;
    }
}
