using System.CommandLine;
using System.Globalization;
using Weir.Bench.Agents;
using Weir.Bench.Footprint;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Skew;

/// <summary>The command <c>skew</c>: how late the agent reads on an idle machine, and on one whose processors others keep busy.</summary>
internal static class SkewCommand
{
    private const int Failure = 1;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(15);

    // A frame of five ticks, its way, and some: what is asked for then is stored.
    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        Option<int> seconds = NumberOption.Create("--seconds", "N", 10, 3_600, "How long each of the two cases is measured.", 60);
        var command = new Command("skew", "Runs the native weir-agent with its defaults beside collectd and a PeriodicTimer, first on the machine as it is, then beside two busy processes a core, and prints how late each reading began and what was lost.") { seconds };
        command.SetAction((parsed, cancellationToken) => RunAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan duration, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            WeirSide.Require();
            await using BenchServer server = await BenchServer.StartAsync("skew", cancellationToken);
            await using var agent = new WeirSide(server.Work, server.Gateway);
            await using CollectdTimes? collectd = CollectdTimes.IsHere ? new CollectdTimes(server.Work) : null;
            await agent.StartAsync(Interval, cancellationToken);
            if (collectd is not null) await collectd.StartAsync(Interval, cancellationToken);
            await Task.Delay(Settle, cancellationToken);
            await MeasureAsync("the machine as it is", server, agent, collectd, duration, console.Output, cancellationToken);
            ChildProcess[] busy = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(static _ => ChildProcess.Start("/bin/sh", "-c", "while :; do :; done"))];
            try
            {
                await MeasureAsync(string.Create(CultureInfo.InvariantCulture, $"beside {busy.Length} busy processes on {Environment.ProcessorCount} cores"), server, agent, collectd, duration, console.Output, cancellationToken);
            }
            finally
            {
                foreach (ChildProcess each in busy) await each.DisposeAsync();
            }

            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidOperationException or TimeoutException or HttpRequestException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"skew failed: {failure.Message}");
            return Failure;
        }
    }

    private static async Task MeasureAsync(string title, BenchServer server, WeirSide agent, CollectdTimes? collectd, TimeSpan duration, TextWriter output, CancellationToken cancellationToken)
    {
        double lostBefore = await LostAsync(agent, cancellationToken);
        SkewResult timer = await TimerLoop.MeasureAsync(Interval, duration, cancellationToken);
        DateTimeOffset to = TimeProvider.System.GetUtcNow();
        double lost = await LostAsync(agent, cancellationToken) - lostBefore;
        await Task.Delay(Arrival, cancellationToken);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{title}, {duration.TotalSeconds:0} s; ticks of single collectors that the agent lost: {lost:0}\n\n{SkewResult.Heading}"));
        foreach (SkewResult result in await StoredSkew.ReadAsync(server.Http, to, duration, cancellationToken)) output.WriteLine(result.Row);
        if (collectd is not null) output.WriteLine(collectd.Read(to, duration, Interval).Row);
        output.WriteLine(timer.Row);
    }

    private static async Task<double> LostAsync(WeirSide agent, CancellationToken cancellationToken) => (await agent.MetricsAsync(cancellationToken)).Sum("weir_agent_collector_lost_ticks_total");
}
