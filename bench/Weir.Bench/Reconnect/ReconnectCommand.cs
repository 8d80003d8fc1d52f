using System.CommandLine;
using Weir.Bench.Replay;

namespace Weir.Bench.Reconnect;

/// <summary>The command <c>reconnect</c>: how many agents come back to a server that was restarted, and how they spread.</summary>
internal static class ReconnectCommand
{
    private const int Failure = 1;

    public static Command Create()
    {
        var defaults = new ReconnectSettings();
        Option<int> agents = NumberOption.Create("--agents", "N", 2, 5_000, "Agents, each with a spool, an uplink and a connection of its own.", defaults.Agents);
        Option<int> steady = NumberOption.Create("--steady", "S", 0, 3_600, "Seconds that all stay connected before each restart.", (int)defaults.Steady.TotalSeconds);
        Option<int> down = NumberOption.Create("--down", "S", 0, 600, "Seconds that nothing listens after kill -9.", (int)defaults.Down.TotalSeconds);
        var plot = new Option<string?>("--plot") { HelpName = "FILE", Description = "Draw it as SVG." };
        var command = new Command("reconnect", "Connects agents to a weir that it starts, restarts it by SIGTERM and by kill -9, and reports how they come back.") { agents, steady, down, plot };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ReconnectSettings { Agents = parsed.GetValue(agents), Steady = TimeSpan.FromSeconds(parsed.GetValue(steady)), Down = TimeSpan.FromSeconds(parsed.GetValue(down)) },
            parsed.GetValue(plot),
            parsed.InvocationConfiguration,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ReconnectSettings settings, string? plot, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            ReconnectReport report = await new ReconnectRun(settings, console.Error).RunAsync(cancellationToken);
            ReconnectReportWriter.Write(report, console.Output);
            if (plot is not null) await File.WriteAllTextAsync(plot, ReconnectPlot.Draw(report), cancellationToken);
            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"reconnect failed: {failure.Message}");
            return Failure;
        }
    }
}
