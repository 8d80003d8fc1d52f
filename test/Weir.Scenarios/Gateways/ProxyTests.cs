using System.Globalization;
using System.Text.Json;

namespace Weir.Scenarios.Gateways;

/// <summary>A whole agent whose only way is an HTTP proxy that asks for a password: a real one, tinyproxy.</summary>
public sealed class ProxyTests : IDisposable
{
    private const string Program = "/usr/bin/tinyproxy";
    private const string Password = "p4ssw0rd";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-proxy-").FullName;
    private readonly int[] _ports = FreePorts.Take(4);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task An_agent_behind_a_proxy_joins_and_sends_through_it_and_loses_nothing_while_it_is_away()
    {
        Assert.SkipUnless(File.Exists(Program), "tinyproxy is not installed");
        string config = await WriteAsync("weir.yaml", "agent: { enabled: false }\n");
        var up = new WeirUp
        {
            DataDirectory = Path.Combine(_work, "data"), ConfigFile = config, HttpPort = _ports[0], GrpcPort = _ports[1], EnrollPort = _ports[2], MoreArguments = ["--tls"],
        };
        await using WeirProcess weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), up, Cancellation);
        CommandResult created = await WeirProcess.RunAsync(WeirProcess.FindDll(), ["enroll", "token", "create", "--data", up.DataDirectory], Cancellation);
        Assert.True(created.ExitCode == 0, created.Errors);
        string agentConfig = await WriteAsync(
            "weir-agent.yaml", $"host: {{ name: proxied }}\ninterval: 500ms\nframe_seconds: 0\nuplink: {{ proxy: 'http://weir:{Password}@{Local(_ports[3])}' }}\n");
        await using ChildProcess agent = ChildProcess.Start(
            "dotnet", BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll"), "run", "--config", agentConfig, "--data", Path.Combine(_work, "agent"), "--gateway", Local(_ports[1]), "--enroll", Local(_ports[2]),
            "--token", Assert.Single(created.Output));
        using var client = new HttpClient { BaseAddress = weir.Http };
        long[] ticks;
        await using (ChildProcess proxy = await StartProxyAsync())
        {
            ticks = await TicksAsync(client, 10, agent);
            Assert.Contains($"CONNECT {Local(_ports[1])}", proxy.Output, StringComparison.Ordinal);
            Assert.Contains($"CONNECT {Local(_ports[2])}", proxy.Output, StringComparison.Ordinal);
            await proxy.KillAsync();
        }

        long awayMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        long backMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await using (ChildProcess proxy = await StartProxyAsync()) ticks = await TicksAsync(client, ticks.Length + 10, agent);
        // What was measured meanwhile came later.
        Assert.Contains(ticks, tick => tick > awayMs && tick < backMs);
        Assert.DoesNotContain(Password, agent.Output, StringComparison.Ordinal);
    }

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private async Task<ChildProcess> StartProxyAsync()
    {
        string config = await WriteAsync(
            "tinyproxy.conf", string.Create(CultureInfo.InvariantCulture, $"Port {_ports[3]}\nListen 127.0.0.1\nTimeout 600\nBasicAuth weir {Password}\nConnectPort {_ports[1]}\nConnectPort {_ports[2]}\nLogLevel Connect\n"));
        return ChildProcess.Start(Program, "-d", "-c", config);
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        string path = Path.Combine(_work, name);
        await File.WriteAllTextAsync(path, text, Cancellation);
        return path;
    }

    // Times of the samples that are stored, once there are so many of them.
    private static async Task<long[]> TicksAsync(HttpClient client, int atLeast, ChildProcess agent)
    {
        string query = Uri.EscapeDataString("""system_uptime_seconds{host_name="proxied"}[10m]""");
        for (long begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < Patience; await Task.Delay(200, Cancellation))
        {
            using JsonDocument answer = JsonDocument.Parse(await client.GetStringAsync($"/api/v1/query?query={query}", Cancellation));
            JsonElement result = answer.RootElement.GetProperty("data").GetProperty("result");
            if (result.GetArrayLength() == 1 && result[0].GetProperty("values") is var values && values.GetArrayLength() >= atLeast)
                return [.. values.EnumerateArray().Select(static sample => (long)Math.Round(sample[0].GetDouble() * 1000))];
        }

        throw new TimeoutException($"not {atLeast} samples after {Patience}:\n{agent.Output}");
    }
}
