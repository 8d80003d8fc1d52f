using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Weir.Scenarios.Gateways;

/// <summary>A machine is copied while its agent runs, and both go on.</summary>
public sealed class ClonedMachineTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-clone-").FullName;
    private readonly List<Process> _agents = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (Process agent in _agents)
        {
            if (!agent.HasExited) agent.Kill();
            agent.WaitForExit();
            agent.Dispose();
        }

        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task Two_agents_on_copies_of_one_data_directory_end_as_two_hosts_and_nothing_is_stored_twice()
    {
        string dll = WeirProcess.FindDll();
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", Cancellation);
        var up = new WeirUp { DataDirectory = Path.Combine(_work, "data"), ConfigFile = config };
        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation))
        {
            using var http = new HttpClient { BaseAddress = weir.Http };
            string one = Path.Combine(_work, "one"), two = Path.Combine(_work, "two");
            Process first = Start(weir, one);
            await UntilAsync(async () => (await HostsAsync(http)).Count == 1);
            first.Kill();
            await first.WaitForExitAsync(Cancellation);
            Copy(one, two);
            Start(weir, one);
            Start(weir, two);
            // The younger is told to take a new id: a host of its own, both with samples.
            await UntilAsync(async () => (await HostsAsync(http)).Count == 2);
            Assert.Contains("two machines have the id", weir.Output, StringComparison.Ordinal);
            string metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);
            Assert.DoesNotContain("outcome=\"quarantined\"", metrics, StringComparison.Ordinal);
            await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation);
        }

        CommandResult sealing = await WeirProcess.RunAsync(dll, ["store", "seal", "--data", up.DataDirectory], Cancellation);
        Assert.True(sealing.ExitCode == 0, sealing.Errors);
        CommandResult verified = await WeirProcess.RunAsync(dll, ["store", "verify", "--data", up.DataDirectory], Cancellation);
        Assert.True(verified.ExitCode == 0, string.Join('\n', verified.Output) + verified.Errors);
    }

    private Process Start(WeirProcess weir, string directory)
    {
        string dll = WeirProcess.FindDll().Replace("Weir.Server", "Weir.Agent", StringComparison.Ordinal).Replace("weir.dll", "weir-agent.dll", StringComparison.Ordinal);
        string gateway = string.Create(CultureInfo.InvariantCulture, $"{weir.Grpc.Host}:{weir.Grpc.Port}");
        Process agent = Process.Start(new ProcessStartInfo("dotnet", [dll, "run", "--gateway", gateway, "--data", directory]))!;
        _agents.Add(agent);
        return agent;
    }

    // Host ids that have samples now.
    private static async Task<HashSet<string>> HostsAsync(HttpClient http)
    {
        using JsonDocument json = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/v1/query?query=system_cpu_logical_count", UriKind.Relative), Cancellation));
        return [.. json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(static series => series.GetProperty("metric").GetProperty("host_id").GetString()!)];
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!await condition()) await Task.Delay(200, limit.Token);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
