using System.CommandLine;
using System.Globalization;
using Weir.Agent.Recordings;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Garbage;

/// <summary>The command <c>gc</c>: garbage and pauses of one process that measures for many hosts, beside a variant that allocates as one would first write it.</summary>
internal static class GarbageCommand
{
    private const int Failure = 1;
    private const string Pooled = "weir-agent";
    private const string Naive = "naive allocation";

    public static Command Create()
    {
        var input = new Option<string>("--input") { Required = true, HelpName = "FILE", Description = "Recording in Prometheus text; .zst is decompressed." };
        Option<int> hosts = NumberOption.Create("--hosts", "N", 1, 1_000, "Hosts that one process replays, a tick a second each.", 400);
        Option<int> seconds = NumberOption.Create("--seconds", "N", 5, 3_600, "Seconds that are measured, behind as many that warm up.", 60);
        var data = new Option<string>("--data") { HelpName = "DIR", Description = "Where a temporary folder is made.", DefaultValueFactory = static _ => Path.GetTempPath() };
        var variant = new Option<string?>("--variant") { Hidden = true };
        var command = new Command("gc", "Replays many hosts through one agent process, and through a naive one, both with a workstation collector that is not concurrent and the runtime's default budget, and prints collections and pauses.") { input, hosts, seconds, data, variant };
        command.SetAction((parsed, cancellationToken) =>
        {
            var span = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            var settings = new GarbageSettings(parsed.GetRequiredValue(input), parsed.GetValue(hosts), span, span, parsed.GetRequiredValue(data));
            return parsed.GetValue(variant) is { } which ? MeasureAsync(settings, which, parsed.InvocationConfiguration, cancellationToken) : CompareAsync(settings, parsed.InvocationConfiguration, cancellationToken);
        });
        return command;
    }

    private static async Task<int> CompareAsync(GarbageSettings settings, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        console.Output.WriteLine(GarbageReport.Heading);
        foreach (string variant in (string[])[Pooled, Naive])
        {
            string work = Directory.CreateDirectory(Path.Combine(settings.Data, $"weir-gc-{Path.GetRandomFileName()}")).FullName;
            try
            {
                // The agent's kind of collector: this program's own is a server's. Not its budget of young objects, which is for one host.
                IEnumerable<KeyValuePair<string, string>> variables = [new("DOTNET_gcServer", "0"), new("DOTNET_gcConcurrent", "0")];
                await using var child = ChildProcess.Start(
                    Environment.ProcessPath!, variables, ["gc", "--variant", variant, "--input", settings.Input, "--data", work, .. Number("--hosts", settings.Hosts), .. Number("--seconds", (int)settings.Duration.TotalSeconds)]);
                int code = await child.WaitAsync(settings.WarmUp + settings.Duration + TimeSpan.FromMinutes(3), cancellationToken);
                string line = child.Output.TrimEnd().Split('\n')[^1];
                if (code != 0) throw new ReplayFailedException($"{variant} ended with {code}:\n{child.Output}");
                console.Output.WriteLine(GarbageReport.Parse(variant, line).Line);
            }
            catch (Exception failure) when (failure is ReplayFailedException or IOException or TimeoutException or System.Text.Json.JsonException)
            {
                await console.Error.WriteLineAsync($"gc failed: {failure.Message}");
                return Failure;
            }
            finally
            {
                Directory.Delete(work, recursive: true);
            }
        }

        return 0;
    }

    private static async Task<int> MeasureAsync(GarbageSettings settings, string variant, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        RecordedGroup group = Load(settings.Input);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task running = variant == Pooled ? PooledRun.RunAsync(settings, group, stop.Token) : NaiveRun.RunAsync(settings, group, stop.Token);
        await Task.Delay(settings.WarmUp, cancellationToken);
        GC.Collect();
        using (var watch = new PauseWatch())
        {
            await Task.Delay(settings.Duration, cancellationToken);
            long samples = (long)(group.Ticks[0].Values.Length * (double)settings.Hosts * settings.Duration.TotalSeconds);
            console.Output.WriteLine(watch.Report(variant, samples).ToText());
        }

        await stop.CancelAsync();
        await running;
        return 0;
    }

    private static RecordedGroup Load(string input)
    {
        var rows = new RecordingRows(Recording.Load(input));
        var group = new RecordedGroup("recorded", 1000);
        for (int tick = 0; tick < rows.Ticks; tick++) group.Ticks.Add(new RecordedTick(rows.Schema.Parts, tick * 1000, rows.Values(tick).ToArray(), rows.Present(tick).ToArray()));
        return group;
    }

    private static string[] Number(string name, int value) => [name, value.ToString(CultureInfo.InvariantCulture)];
}
