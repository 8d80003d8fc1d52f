using System.CommandLine;
using System.Globalization;
using Weir.Bench.Agents;
using Weir.Bench.Faults;
using Weir.Bench.Replay;

namespace Weir.Bench.Footprint;

/// <summary>The command <c>footprint</c>: what an agent takes from its host, beside others, in one run.</summary>
internal static class FootprintCommand
{
    private const int Failure = 1;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    // Starting, settling and reporting, and some.
    private static readonly TimeSpan IdleMargin = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        Option<int> seconds = NumberOption.Create("--seconds", "N", 10, 86_400, "How long all of them are measured, at the same time.", 60);
        Option<int> interval = NumberOption.Create("--interval-ms", "MS", 100, 3_600_000, "How often they measure.", 1_000);
        Option<int> processes = NumberOption.Create("--processes", "N", 0, 20_000, "Idle processes that are started beside those of the host.", 0);
        var equal = new Option<bool>("--equal") { Description = "Each measures the groups that all three have, all of them at each interval, instead of what it measures by default." };
        var command = new Command("footprint", "Runs the native weir-agent, node_exporter with vmagent, and collectd side by side on this host, and prints CPU, memory, allocations, threads, context switches and sizes.") { seconds, interval, processes, equal };
        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = new FootprintSettings(TimeSpan.FromSeconds(parsed.GetValue(seconds)), TimeSpan.FromMilliseconds(parsed.GetValue(interval)), parsed.GetValue(processes), parsed.GetValue(equal));
            return RunAsync(settings, parsed.InvocationConfiguration, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(FootprintSettings settings, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            WeirSide.Require();
            await using IdleProcesses? idle = settings.Processes == 0 ? null : await IdleProcesses.StartAsync(settings.Processes, settings.Duration + IdleMargin, cancellationToken);
            await using BenchServer server = await BenchServer.StartAsync("footprint", cancellationToken);
            string work = server.Work;
            await using var store = new VictoriaMetrics(Path.Combine(work, "victoria"));
            var sides = new List<IFootprintSide> { new WeirSide(work, server.Gateway, settings.IsEqual) };
            if (ExporterSide.IsHere)
            {
                await store.StartAsync(cancellationToken);
                sides.Add(new ExporterSide(work, store.WriteUri, settings.IsEqual));
            }

            if (CollectdSide.IsHere) sides.Add(new CollectdSide(work, settings.IsEqual));
            try
            {
                await MeasureAsync(sides, settings, console.Output, cancellationToken);
            }
            finally
            {
                foreach (IFootprintSide side in sides) await side.DisposeAsync();
            }

            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidOperationException or TimeoutException or HttpRequestException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"footprint failed: {failure.Message}");
            return Failure;
        }
    }

    private static async Task MeasureAsync(List<IFootprintSide> sides, FootprintSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        var starts = new Dictionary<IFootprintSide, TimeSpan>();
        foreach (IFootprintSide side in sides)
        {
            long begun = TimeProvider.System.GetTimestamp();
            await side.StartAsync(settings.Interval, cancellationToken);
            starts[side] = TimeProvider.System.GetElapsedTime(begun);
        }

        await Task.Delay(settings.Interval * 2 > Settle ? settings.Interval * 2 : Settle, cancellationToken);
        ProcessShare[] before = [.. sides.Select(Usage)];
        double?[] allocated = [.. await Task.WhenAll(sides.Select(side => side.TellAllocatedAsync(cancellationToken)))];
        string?[] said = [.. await Task.WhenAll(sides.Select(side => side.TellSelfAsync(cancellationToken)))];
        long from = TimeProvider.System.GetTimestamp();
        await Task.Delay(settings.Duration, cancellationToken);
        double seconds = TimeProvider.System.GetElapsedTime(from).TotalSeconds;
        ProcessShare[] after = [.. sides.Select(Usage)];

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(settings.IsEqual ? "equal groups, all" : "each by default,")} every {settings.Interval.TotalMilliseconds:0} ms, {seconds:0} s, all at the same time, {Directory.GetDirectories("/proc").Count(static folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))} processes on the host"));
        output.WriteLine("| | series | CPU % of a core | RSS MB | private MB | allocated KB/s | threads | descriptors | switches/s | programs MB | start to values ms | without the wait for the grid ms |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        for (int i = 0; i < sides.Count; i++)
        {
            double? garbage = (await sides[i].TellAllocatedAsync(cancellationToken) - allocated[i]) / seconds / 1e3;
            int series = await sides[i].CountSeriesAsync(cancellationToken);
            TimeSpan? start = await sides[i].TellStartAsync(cancellationToken);
            double cpu = (after[i].CpuSeconds - before[i].CpuSeconds) / seconds * 100, switches = (after[i].Switches - before[i].Switches) / seconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {sides[i].Name} | {series} | {cpu:0.00} | {Mega(after[i].ResidentBytes):0.0} | {Mega(after[i].PrivateBytes):0.0} | {garbage:0.0} | {after[i].Threads} | {after[i].Handles} | {switches:0.0} | {Mega(sides[i].ProgramBytes):0.0} | {starts[sides[i]].TotalMilliseconds:0} | {start?.TotalMilliseconds:0} |"));
        }

        for (int i = 0; i < sides.Count; i++)
        {
            if (said[i] is not { Length: > 0 } then) continue;
            output.WriteLine($"{sides[i].Name}, before: {then}");
            output.WriteLine($"{sides[i].Name}, after:  {await sides[i].TellSelfAsync(cancellationToken)}");
        }
    }

    private static ProcessShare Usage(IFootprintSide side) => side.Processes.Select(ProcessShare.Of).Aggregate(static (a, b) => a.Plus(b));

    private static double Mega(long bytes) => bytes / 1e6;
}
