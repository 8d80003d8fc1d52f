using System.CommandLine;
using Weir.Log;

namespace Weir.Bench.Scale;

/// <summary>The command <c>scale</c>.</summary>
internal static class ScaleCommand
{
    /// <summary>Exit code where the input cannot be used, or the store does not hold what was written.</summary>
    private const int Failure = 1;

    private const int GiB = 1 << 30;

    public static Command Create()
    {
        var input = new Option<string>("--input") { Required = true, HelpName = "FILE", Description = "Recording in Prometheus text; .zst is decompressed." };
        var hosts = new Option<int[]>("--hosts")
        {
            HelpName = "N",
            Description = "Hosts whose memory is measured, 1 to 1,000,000; several are measured one after another; 0 for none.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [1000, 10_000],
        };
        hosts.Validators.Add(static result => NumberOption.RefuseOutside(result, 0, 1_000_000));
        var hotSeconds = NumberOption.Create("--hot-seconds", "S", 1, 86_400, "Seconds of each host that are hot.", 300);
        var ticks = NumberOption.Create("--ticks", "T", 1, 60, "Ticks in a frame.", 5);
        var startGib = NumberOption.Create("--start-gib", "N", 0, 1000, "GiB of hot log to start from; 0 leaves the case out.", 10);
        var startHosts = NumberOption.Create("--start-hosts", "N", 1, 1_000_000, "Hosts that share this log.", 10_000);
        var queries = NumberOption.Create("--queries", "N", 0, 100_000, "Queries of each kind; 0 leaves the cases out.", 200);
        var data = new Option<string>("--data") { HelpName = "DIR", Description = "Where temporary folders are made.", DefaultValueFactory = static _ => Path.GetTempPath() };
        var output = new Option<string>("--output") { Description = "Form of the report.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");

        var command = new Command("scale", "Measures writer and store without a server: memory per host, start from a hot log, instant queries, a selector over a day.")
        {
            input, hosts, hotSeconds, ticks, startGib, startHosts, queries, data, output,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ScaleSettings
            {
                Input = parsed.GetRequiredValue(input),
                Fleets = [.. parsed.GetRequiredValue(hosts).Where(static count => count > 0)],
                HotSeconds = parsed.GetValue(hotSeconds),
                Ticks = parsed.GetValue(ticks),
                StartBytes = (long)parsed.GetValue(startGib) * GiB,
                StartHosts = parsed.GetValue(startHosts),
                Queries = parsed.GetValue(queries),
                Directory = parsed.GetRequiredValue(data),
            },
            parsed.GetValue(output) == "json",
            parsed.InvocationConfiguration,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ScaleSettings settings, bool json, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            ScaleReport report = await new ScaleRun(settings, console.Error).RunAsync(cancellationToken);
            if (json) ScaleReportWriter.WriteJson(report, console.Output);
            else ScaleReportWriter.WriteTable(report, console.Output);
            return 0;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException or LogException)
        {
            await console.Error.WriteLineAsync($"scale failed: {failure.Message}");
            return Failure;
        }
    }
}
