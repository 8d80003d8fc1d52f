using System.Text.Json;

namespace Weir.Scenarios.Gateways;

/// <summary>A whole agent whose way lets no stream through.</summary>
public sealed class PostTransportTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-post-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task An_agent_that_goes_by_POST_is_stored_like_any_other()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", cancellationToken);
        int[] ports = FreePorts.Take(2);
        var up = new WeirUp { DataDirectory = Path.Combine(_work, "data"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1] };
        await using WeirProcess weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), up, cancellationToken);
        string agentConfig = Path.Combine(_work, "weir-agent.yaml");
        await File.WriteAllTextAsync(agentConfig, "host: { name: posted }\nframe_seconds: 0\nuplink: { transport: post }\n", cancellationToken);
        await using ChildProcess agent = ChildProcess.Start(
            "dotnet", BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll"), "run", "--config", agentConfig, "--data", Path.Combine(_work, "agent"), "--gateway", $"127.0.0.1:{ports[1]}");
        using var client = new HttpClient { BaseAddress = weir.Http };
        // Ticks enough that frames of both codecs have come, with their objects.
        Assert.True(await HasTicksAsync(client, cancellationToken), $"{weir.Output}\n{agent.Output}");
        Assert.Contains("(POST)", weir.Output, StringComparison.Ordinal);
    }

    private static async Task<bool> HasTicksAsync(HttpClient client, CancellationToken cancellationToken)
    {
        string query = Uri.EscapeDataString("""system_uptime_seconds{host_name="posted"}[1m]""");
        for (long begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < Patience; await Task.Delay(200, cancellationToken))
        {
            using JsonDocument answer = JsonDocument.Parse(await client.GetStringAsync($"/api/v1/query?query={query}", cancellationToken));
            JsonElement result = answer.RootElement.GetProperty("data").GetProperty("result");
            if (result.GetArrayLength() == 1 && result[0].GetProperty("values").GetArrayLength() > 12) return true;
        }

        return false;
    }
}
