using System.Globalization;
using System.Text.Json;

namespace Weir.Scenarios.Up;

/// <summary>The main job: <c>weir up</c> measures this machine, and what it stores agrees with the kernel.</summary>
public sealed class UpTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-up-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task Stored_cpu_time_agrees_with_proc_stat_and_busy_cores_are_plausible()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc/stat");
        string dll = WeirProcess.FindDll();
        await using WeirProcess weir = await WeirProcess.UpAsync(dll, new WeirUp { DataDirectory = Path.Combine(_work, "data") }, Cancellation);
        double[] before = UserSeconds();
        List<(string Series, double Value)> first = await WaitForSeriesAsync(dll, weir, before.Length);
        double[] after = UserSeconds();
        foreach ((string series, double value) in first)
        {
            int cpu = int.Parse(series.Split("cpu_logical_number=\"")[1].Split('"')[0], CultureInfo.InvariantCulture);
            // The sample was taken at a tick between the two readings, or up to a tick before the first.
            Assert.InRange(value, before[cpu] - 2, after[cpu]);
        }

        CommandResult busy = await WeirProcess.RunAsync(
            dll, ["query", "sum(rate(system_cpu_time_seconds_total{cpu_mode!=\"idle\"}[1m]))", "--url", weir.Http.ToString(), "--output", "json"], Cancellation);
        Assert.Equal(0, busy.ExitCode);
        using var json = JsonDocument.Parse(busy.Output[0]);
        double cores = double.Parse(json.RootElement.GetProperty("data").GetProperty("result")[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        Assert.InRange(cores, 0, before.Length * 1.1);
        Assert.Equal(0, await weir.StopAsync(TimeSpan.FromSeconds(20), Cancellation));
    }

    [Fact]
    public async Task Another_agent_of_this_host_joins_and_survives_a_restart_of_the_server()
    {
        string dll = WeirProcess.FindDll();
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", Cancellation);
        int[] ports = FreePorts.Take(2);
        var up = new WeirUp { DataDirectory = Path.Combine(_work, "data"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1] };
        using System.Diagnostics.Process agent = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "dotnet", [dll.Replace("Weir.Server", "Weir.Agent", StringComparison.Ordinal).Replace("weir.dll", "weir-agent.dll", StringComparison.Ordinal), "run", "--gateway", $"127.0.0.1:{ports[1]}", "--data", Path.Combine(_work, "agent")])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            // The agent is there before any gateway: it spools, and sends when one comes; twice.
            for (int start = 0; start < 2; start++)
            {
                await using WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation);
                await WaitForSeriesAsync(dll, weir, 1, agent);
                if (start == 0) await weir.KillAsync();
            }
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync(Cancellation);
        }
    }

    [Fact]
    public async Task A_watched_host_holds_a_live_lease()
    {
        string dll = WeirProcess.FindDll();
        await using WeirProcess weir = await WeirProcess.UpAsync(dll, new WeirUp { DataDirectory = Path.Combine(_work, "data") }, Cancellation);
        (string series, _) = (await WaitForSeriesAsync(dll, weir, 1))[0];
        string agent = series.Split("host_id=\"")[1].Split('"')[0];
        using var http = new HttpClient { BaseAddress = weir.Http };

        using HttpResponseMessage answer = await http.PostAsync(new Uri($"/api/v1/weir/hosts/{agent}/watch", UriKind.Relative), null, Cancellation);
        Assert.Equal("{\"live\":true,\"seconds\":60}", await answer.Content.ReadAsStringAsync(Cancellation));

        // The agent's own counter: the directive has gone through the gateway and was carried out.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!(await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), patience.Token)).Split('\n').Any(static line =>
            line.StartsWith("weir_agent_uplink_directives_total{", StringComparison.Ordinal) && line.EndsWith("status=\"done\"} 1", StringComparison.Ordinal))) await Task.Delay(50, patience.Token);
    }

    [Fact]
    public async Task A_collector_is_read_ten_times_a_second_on_request()
    {
        string dll = WeirProcess.FindDll();
        await using WeirProcess weir = await WeirProcess.UpAsync(dll, new WeirUp { DataDirectory = Path.Combine(_work, "data") }, Cancellation);
        await WaitForSeriesAsync(dll, weir, 1);
        string url = weir.Http.ToString();

        CommandResult taken;
        do taken = await WeirProcess.RunAsync(dll, ["agent", "collect", Environment.MachineName, "load", "--for", "3s", "--interval", "100ms", "--url", url], Cancellation);
        // On a machine that works the last reading may have waited that long; the next will not.
        while (taken.Errors.Contains("to read, more than half of", StringComparison.Ordinal));
        Assert.True(taken.ExitCode == 0, taken.Errors);
        Assert.Equal($"{Environment.MachineName}: load is collected every 100ms for 3s", Assert.Single(taken.Output));
        CommandResult refused = await WeirProcess.RunAsync(dll, ["agent", "collect", Environment.MachineName, "memory", "--interval", "5s", "--url", url], Cancellation);
        Assert.Equal((1, $"weir: {Environment.MachineName}: memory is collected every 1s anyway"), (refused.ExitCode, refused.Errors.Trim()));
        CommandResult unknown = await WeirProcess.RunAsync(dll, ["agent", "collect", "nobody", "load", "--url", url], Cancellation);
        Assert.Equal((1, "weir: no host is called nobody"), (unknown.ExitCode, unknown.Errors.Trim()));

        // All ticks of its time are the order's, none is there twice.
        while (true)
        {
            CommandResult result = await WeirProcess.RunAsync(dll, ["query", "system_cpu_load_average_1m", "--since", "60s", "--url", url, "--output", "csv"], Cancellation);
            long[] times = [.. Replay.QueryCsv.Parse(result.Output).Select(static sample => sample.Key.TimeMs).Order()];
            Assert.Equal(times.Distinct(), times);
            long[] fine = [.. times.Where(static time => time % 1000 != 0)];
            if (fine.Length >= 20)
            {
                Assert.All(fine, static time => Assert.Equal(0, time % 100));
                break;
            }

            await Task.Delay(200, Cancellation);
        }
    }

    private static double[] UserSeconds() =>
    [
        .. File.ReadLines("/proc/stat").Where(static line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsAsciiDigit(line[3]))
            .Select(static line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) / 100),
    ];

    private static async Task<List<(string Series, double Value)>> WaitForSeriesAsync(string dll, WeirProcess weir, int series, System.Diagnostics.Process? agent = null)
    {
        while (true)
        {
            CommandResult result = await WeirProcess.RunAsync(
                dll, ["query", "system_cpu_time_seconds_total{cpu_mode=\"user\"}", "--since", "10s", "--url", weir.Http.ToString(), "--output", "csv"], Cancellation);
            Assert.True(result.ExitCode == 0, result.Errors);
            List<(string Series, double Value)> newest =
            [
                .. Replay.QueryCsv.Parse(result.Output).GroupBy(static sample => sample.Key.Series)
                    .Select(static group => (group.Key, BitConverter.UInt64BitsToDouble(group.MaxBy(static sample => sample.Key.TimeMs).Value))),
            ];
            // A rate over a minute needs two samples.
            if (newest.Count >= series && result.Output.Count > 2 * series) return newest;
            if (agent is { HasExited: true }) Assert.Fail($"the agent ended: {await agent.StandardError.ReadLineAsync(Cancellation)}");
            await Task.Delay(200, Cancellation);
        }
    }
}
