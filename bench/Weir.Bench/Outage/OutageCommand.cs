using System.CommandLine;
using Weir.Agent.Identity;
using Weir.Bench.Replay;

namespace Weir.Bench.Outage;

/// <summary>The command <c>outage</c>: what a day without a gateway leaves on a host, how an agent starts on it and brings it, and what that does to what is fresh.</summary>
internal static class OutageCommand
{
    private const int Failure = 1;

    public static Command Create()
    {
        var input = new Option<string>("--input") { Required = true, HelpName = "FILE", Description = "Recording in Prometheus text; .zst is decompressed." };
        Option<int> hours = NumberOption.Create("--hours", "N", 1, 240, "Hours of the outage, a tick a second.", 24);
        Option<int> agents = NumberOption.Create("--agents", "N", 1, 100, "Agents that come out of it, one after another, behind one that warms up.", 20);
        Option<int> steady = NumberOption.Create("--steady-seconds", "N", 1, 600, "Seconds that each is watched once its backlog is gone.", 5);
        Option<int> link = NumberOption.Create("--link-kb", "N", 0, 1_000_000, "KB/s that the way to the gateway carries, 0 for no limit.", 0);
        var program = new Option<string?>("--agent") { HelpName = "FILE", Description = "weir-agent.dll or the native file; else this repository's build." };
        var data = new Option<string>("--data") { HelpName = "DIR", Description = "Where a temporary folder is made.", DefaultValueFactory = static _ => Path.GetTempPath() };
        var command = new Command("outage", "Fills spools with an outage, starts agents on them and drains them into a weir that it starts; reports size, start, drain and the latency of fresh samples.")
        {
            input, hours, agents, steady, link, program, data,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new OutageSettings(
                parsed.GetRequiredValue(input), parsed.GetValue(hours), parsed.GetValue(agents), parsed.GetValue(steady), parsed.GetValue(link) * 1000, parsed.GetValue(program), parsed.GetRequiredValue(data)),
            parsed.InvocationConfiguration,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(OutageSettings settings, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            OutageReport report = await new OutageRun(settings, console.Error).RunAsync(cancellationToken);
            report.Write(console.Output);
            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or AgentDataException or IOException or InvalidDataException or InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"outage failed: {failure.Message}");
            return Failure;
        }
    }
}
