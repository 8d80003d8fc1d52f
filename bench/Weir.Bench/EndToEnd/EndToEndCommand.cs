using System.CommandLine;
using Weir.Bench.Replay;

namespace Weir.Bench.EndToEnd;

/// <summary>The command <c>endtoend</c>.</summary>
internal static class EndToEndCommand
{
    /// <summary>Exit code where the replay failed, or its input cannot be used.</summary>
    private const int Failure = 1;

    public static Command Create()
    {
        var input = new Option<string>("--input") { Required = true, HelpName = "FILE", Description = "Recording in Prometheus text; .zst is decompressed." };
        var hosts = NumberOption.Create("--hosts", "N", 1, 99_999, "Hosts that replay it.");
        hosts.Required = true;
        var seconds = NumberOption.Create("--seconds", "S", 1, 1_000_000, "Seconds of it per host.");
        seconds.Required = true;
        var ticks = NumberOption.Create("--ticks", "T", 1, 60, "Most ticks in a frame.", 5);
        var batchFrames = NumberOption.Create("--batch-frames", "N", 1, 1000, "Most frames in a batch.", 1);
        var connections = new Option<int?>("--connections") { HelpName = "N", Description = "HTTP/2 connections that the streams are spread over [default: one per host, at most 64]." };
        connections.Validators.Add(result => NumberOption.RefuseOutside(result, 1, 10_000));
        var pace = new Option<string>("--pace") { Description = "max: as fast as acks allow; real: one tick a second.", DefaultValueFactory = static _ => "max" };
        pace.AcceptOnlyFromAmong("max", "real");
        var tls = new Option<bool>("--tls") { Description = "Every host joins first and speaks TLS, over a connection of its own." };
        var seal = new Option<bool>("--seal") { Description = "Wait until everything is sealed into parts, and count that too." };
        var beside = new Option<string?>("--beside") { HelpName = "SYSTEM", Description = "Measure another system in the same run: victoria-metrics." };
        beside.AcceptOnlyFromAmong(VictoriaMetricsRun.Program);
        var besideHosts = NumberOption.Create("--beside-hosts", "N", 1, 99_999, "Hosts whose samples it gets.", 300);
        var data = new Option<string?>("--data") { HelpName = "DIR", Description = "Leave the store behind here [default: a temporary folder, removed]." };
        var weir = new Option<string?>("--weir") { HelpName = "FILE", Description = "The server's weir.dll [default: this repository's Release build]." };
        var output = new Option<string>("--output") { Description = "Form of the report.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");

        var command = new Command("endtoend", "Replays a recording as many hosts into a weir that it starts, and reports what it took.")
        {
            input, hosts, seconds, ticks, batchFrames, connections, pace, tls, seal, beside, besideHosts, data, weir, output,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new EndToEndSettings
            {
                Input = parsed.GetRequiredValue(input),
                Hosts = parsed.GetValue(hosts),
                Seconds = parsed.GetValue(seconds),
                Ticks = parsed.GetValue(ticks),
                BatchFrames = parsed.GetValue(batchFrames),
                Connections = parsed.GetValue(connections),
                Pace = parsed.GetValue(pace) == "real" ? Pace.Real : Pace.Max,
                Tls = parsed.GetValue(tls),
                Seal = parsed.GetValue(seal),
                BesideHosts = parsed.GetValue(beside) is null ? 0 : Math.Min(parsed.GetValue(besideHosts), parsed.GetValue(hosts)),
                DataDirectory = parsed.GetValue(data),
                WeirDll = parsed.GetValue(weir),
            },
            parsed.GetValue(output) == "json",
            parsed.InvocationConfiguration,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(EndToEndSettings settings, bool json, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            EndToEndReport report = await new EndToEndRun(settings, console.Error).RunAsync(cancellationToken);
            if (json) ReportWriter.WriteJson(report, console.Output);
            else ReportWriter.WriteTable(report, console.Output);
            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"endtoend failed: {failure.Message}");
            return Failure;
        }
    }
}
