using System.Diagnostics;
using System.Globalization;

namespace Weir.Scenarios.Identity;

/// <summary>Real processes over TLS: an agent joins, sends, is shut out.</summary>
public sealed class EnrollmentTests : IDisposable
{
    private const string Series = "system_cpu_time_seconds_total{cpu_mode=\"user\"}";
    private readonly string _work = Directory.CreateTempSubdirectory("weir-enroll-").FullName;
    private readonly string _dll = WeirProcess.FindDll();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_work, "data");

    private string AgentDll => _dll.Replace("Weir.Server", "Weir.Agent", StringComparison.Ordinal).Replace("weir.dll", "weir-agent.dll", StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task The_local_agent_joins_by_itself_where_the_gateway_speaks_TLS()
    {
        await using WeirProcess weir = await WeirProcess.UpAsync(_dll, new WeirUp { DataDirectory = Data, MoreArguments = ["--tls"] }, Cancellation);
        await WaitForSeriesAsync(weir);
        CommandResult agents = await EnrollAsync("agent", "list");
        Assert.Equal(2, agents.Output.Count);
        Assert.EndsWith("trusted", agents.Output[1], StringComparison.Ordinal);
        Assert.Equal(0, await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task An_agent_that_was_there_before_any_server_joins_when_one_comes_and_is_shut_out_when_it_is_revoked()
    {
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", Cancellation);
        int[] ports = FreePorts.Take(3);
        var up = new WeirUp { DataDirectory = Data, ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1], EnrollPort = ports[2], MoreArguments = ["--tls"] };
        string token;
        await using (WeirProcess first = await WeirProcess.UpAsync(_dll, up, Cancellation))
        {
            CommandResult created = await EnrollAsync("token", "create", "--label", "scenario");
            Assert.True(created.ExitCode == 0, created.Errors);
            token = Assert.Single(created.Output);
            await first.KillAsync();
        }

        string[] addresses = ["--gateway", Local(ports[1]), "--enroll", Local(ports[2])];
        using Process agent = Process.Start(new ProcessStartInfo("dotnet", [AgentDll, "run", .. addresses, "--token", token, "--data", Path.Combine(_work, "agent")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            await using WeirProcess weir = await WeirProcess.UpAsync(_dll, up, Cancellation);
            await WaitForSeriesAsync(weir);

            // The token is used up: nobody else joins with it, and nothing is left behind.
            CommandResult refused = await WeirProcess.RunAsync(AgentDll, ["enroll", .. addresses, "--token", token, "--data", Path.Combine(_work, "other")], Cancellation);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("the join token is used up", refused.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain(token.Split('.')[2], weir.Output + refused.Errors, StringComparison.Ordinal);

            string id = (await EnrollAsync("agent", "list")).Output[1].Split(' ')[0];
            Assert.Equal(0, (await EnrollAsync("agent", "revoke", id)).ExitCode);
            await WaitForMetricAsync(weir, "weir_gateway_streams_untrusted_total{", "reason=\"revoked\"");
            await WaitForMetricAsync(weir, "weir_gateway_streams{", "} 0");
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync(Cancellation);
        }
    }

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private Task<CommandResult> EnrollAsync(params string[] arguments) => WeirProcess.RunAsync(_dll, ["enroll", .. arguments, "--data", Data], Cancellation);

    private async Task WaitForSeriesAsync(WeirProcess weir)
    {
        while (true)
        {
            CommandResult result = await WeirProcess.RunAsync(_dll, ["query", Series, "--since", "10s", "--url", weir.Http.ToString(), "--output", "csv"], Cancellation);
            Assert.True(result.ExitCode == 0, result.Errors + weir.Output);
            if (result.Output.Count > 1) return;
            await Task.Delay(200, Cancellation);
        }
    }

    private static async Task WaitForMetricAsync(WeirProcess weir, string start, string part)
    {
        using var http = new HttpClient { BaseAddress = weir.Http };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!(await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), patience.Token)).Split('\n').Any(line =>
            line.StartsWith(start, StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal))) await Task.Delay(100, patience.Token);
    }
}
