using System.CommandLine;
using System.Globalization;
using Weir.Bench.EndToEnd;
using Weir.Bench.Replay;

namespace Weir.Bench.Gateway;

/// <summary>The command <c>gateway</c>: what accepting a frame costs, from its arrival until it is durable, over many connections.</summary>
internal static class GatewayCommand
{
    private const int Failure = 1;

    public static Command Create()
    {
        var input = new Option<string>("--input") { Required = true, HelpName = "FILE", Description = "Recording in Prometheus text; .zst is decompressed." };
        var connections = NumberOption.Create("--connections", "N", 1, 10_000, "Agents, each with a connection of its own.", 2_000);
        var frames = NumberOption.Create("--frames", "N", 10, 100_000, "Frames per agent and case.", 600);
        var batch = NumberOption.Create("--batch-frames", "N", 1, 1_000, "Most frames in a batch: 1 is what a live agent sends.", 1);
        var ticks = NumberOption.Create("--ticks", "T", 0, 60, "Ticks of a frame; 0: one case with 1 and one with 5.", 0);
        var tls = new Option<bool>("--tls") { Description = "Every agent joins first and speaks TLS." };
        var command = new Command("gateway", "Sends frames over many connections to a weir that it starts, one frame a batch, and reports frames per second of CPU at T = 1 and 5.")
        {
            input, connections, frames, batch, ticks, tls,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new EndToEndSettings
            {
                Input = parsed.GetRequiredValue(input),
                Hosts = parsed.GetValue(connections),
                Connections = parsed.GetValue(connections),
                Seconds = parsed.GetValue(frames),
                BatchFrames = parsed.GetValue(batch),
                Tls = parsed.GetValue(tls),
                Pace = Pace.Max,
            },
            parsed.GetValue(ticks) is var only and not 0 ? [only] : [1, 5],
            parsed.InvocationConfiguration,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(EndToEndSettings settings, int[] cases, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            var reports = new List<EndToEndReport>();
            foreach (int ticks in cases) reports.Add(await new EndToEndRun(settings with { Ticks = ticks, Seconds = settings.Seconds * ticks }, console.Error).RunAsync(cancellationToken));
            await console.Output.WriteLineAsync(FormattableString.Invariant($"{settings.Hosts} agents, a connection each, {settings.Seconds} frames each, at most {settings.BatchFrames} a batch, {(settings.Tls ? "TLS" : "plaintext")}; {reports[0].Machine}; CPU of the whole server, writing and indexing included"));
            foreach (EndToEndReport report in reports) await console.Output.WriteLineAsync(Line(report));
            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"gateway failed: {failure.Message}");
            return Failure;
        }
    }

    private static string Line(EndToEndReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"T = {report.TicksPerFrame}: {report.SteadyFramesPerWeirCpuSecond,8:N0} frames/CPU s   {report.SteadyFramesPerSecond,8:N0} frames/s   ({report.Frames / report.WeirCpuSeconds,8:N0} frames/CPU s with the start)   ack p50 {report.AckP50Ms:N1}, p99 {report.AckP99Ms:N1}, p99.9 {report.AckP999Ms:N1} ms   {report.Connections} connections, opened in {report.OpenSeconds:N1} s for {report.OpenWeirCpuMsPerConnection:N2} ms of CPU each, {report.IdleBytesPerConnection / 1024.0:N1} KiB each when idle   {report.WeirPeakRssBytes >> 20} MiB peak   generator {report.BenchCpuShare:P0} of the CPU");
}
