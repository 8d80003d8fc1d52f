using System.CommandLine;
using System.Globalization;
using Weir.Bench.Agents;
using Weir.Bench.Footprint;
using Weir.Bench.Replay;

namespace Weir.Bench.Soak;

/// <summary>The command <c>soak</c>: the agent for an hour, and whether it stayed as it was. <c>eng/soak agent</c> builds what it needs and calls it.</summary>
internal static class SoakCommand
{
    private const int Failure = 1;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        Option<int> minutes = NumberOption.Create("--minutes", "M", 13, 10_080, "How long it runs; the first ten are warm-up.", 60);
        var command = new Command("soak", "Runs the native weir-agent with its defaults against a weir of its own, and prints each minute what it takes, and at the end whether memory, descriptors and threads stayed flat and nothing was lost.") { minutes };
        command.SetAction((parsed, cancellationToken) => RunAsync(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan duration, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            WeirSide.Require();
            await using BenchServer server = await BenchServer.StartAsync("soak", cancellationToken);
            await using var agent = new WeirSide(server.Work, server.Gateway);
            await agent.StartAsync(TimeSpan.FromSeconds(1), cancellationToken);
            List<SoakSample> samples = await SampleAsync(agent, duration, console.Output, cancellationToken);
            IReadOnlyList<SoakFinding> findings = SoakJudge.Judge(samples);
            console.Output.WriteLine($"\n| behind {SoakJudge.WarmUp.TotalMinutes:0} minutes | found | bound | |\n|---|---|---|---|");
            foreach (SoakFinding finding in findings) console.Output.WriteLine($"| {finding.What} | {finding.Found} | {finding.Bound} | {(finding.Kept ? "kept" : "missed")} |");
            return findings.All(static finding => finding.Kept) ? 0 : Failure;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidOperationException or TimeoutException or HttpRequestException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"soak failed: {failure.Message}");
            return Failure;
        }
    }

    private static async Task<List<SoakSample>> SampleAsync(WeirSide agent, TimeSpan duration, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine("| minute | RSS MB | private MB | heap MB | descriptors | threads | CPU % of a core | collections | ticks | missed | lost | not acked |\n|---|---|---|---|---|---|---|---|---|---|---|---|");
        long begun = TimeProvider.System.GetTimestamp();
        var samples = new List<SoakSample> { await SoakSample.TakeAsync(agent, TimeSpan.Zero, cancellationToken) };
        for (TimeSpan due = Interval; due <= duration; due += Interval)
        {
            TimeSpan wait = due - TimeProvider.System.GetElapsedTime(begun);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
            samples.Add(await SoakSample.TakeAsync(agent, due, cancellationToken));
            output.WriteLine(Row(samples[^2], samples[^1]));
        }

        // What is on its way at this moment is no loss: at a tick a second there is nearly always something.
        for (long ended = TimeProvider.System.GetTimestamp(); samples[^1].Unacked > 0 && TimeProvider.System.GetElapsedTime(ended) < AckPatience;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            samples[^1] = await SoakSample.TakeAsync(agent, duration, cancellationToken);
        }

        return samples;
    }

    private static string Row(SoakSample before, SoakSample now) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {now.At.TotalMinutes:0} | {now.Share.ResidentBytes / 1e6:0.0} | {now.Share.PrivateBytes / 1e6:0.0} | {now.HeapBytes / 1e6:0.0} | {now.Share.Handles} | {now.Share.Threads} | {(now.Share.CpuSeconds - before.Share.CpuSeconds) / (now.At - before.At).TotalSeconds * 100:0.00} | {now.Collections:0} | {now.Ticks:0} | {now.MissedTicks:0} | {now.LostTicks:0} | {now.Unacked:0} |");
}
