using System.IO.Compression;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Diagnostics;

namespace Weir.Agent.Tests.Uploads;

public sealed class DiagnosticsBundleTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-diagnostics-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task Write_Agent_HoldsWhatIsNamedAndNothingElse()
    {
        string spool = Directory.CreateDirectory(Path.Combine(_work, "spool")).FullName;
        await File.WriteAllTextAsync(Path.Combine(spool, "00000000000000000000.seg"), "0123456789", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_work, "secret.key"), "hush", TestContext.Current.CancellationToken);

        Dictionary<string, string> parts = await WriteAsync(new AgentConfig { DataDirectory = _work, Gateway = "127.0.0.1:1" });

        Assert.Equal(["complaints.txt", "config.txt", "identity.txt", "readings.json", "spool.txt", "versions.txt"], parts.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("1 files, 10 bytes of", parts["spool.txt"], StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", parts["config.txt"], StringComparison.Ordinal);
        Assert.Contains("no agent has run here", parts["identity.txt"], StringComparison.Ordinal);
        Assert.Contains("weir-agent", parts["versions.txt"], StringComparison.Ordinal);
        Assert.DoesNotContain(parts.Values, static text => text.Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Write_DamagedIdentity_SaysSoInItsPlace()
    {
        await File.WriteAllTextAsync(Path.Combine(_work, "agent"), "weir-agent 1\nid x\n", TestContext.Current.CancellationToken);
        Dictionary<string, string> parts = await WriteAsync(new AgentConfig { DataDirectory = _work });
        Assert.Contains("is damaged", parts["identity.txt"], StringComparison.Ordinal);
    }

    private static async Task<Dictionary<string, string>> WriteAsync(AgentConfig config)
    {
        using var target = new MemoryStream();
        await new DiagnosticsBundle(config, new LinuxRoots(), TimeProvider.System).WriteAsync(target, TestContext.Current.CancellationToken);
        using var zip = new ZipArchive(target, ZipArchiveMode.Read);
        var parts = new Dictionary<string, string>();
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            var bytes = new byte[entry.Length];
            await using Stream content = await entry.OpenAsync(TestContext.Current.CancellationToken);
            await content.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
            parts[entry.FullName] = System.Text.Encoding.UTF8.GetString(bytes);
        }

        return parts;
    }
}
