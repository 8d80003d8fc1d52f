using System.Globalization;
using Weir.Agent.Spooling;
using Weir.Bench.Agents;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Faults;

/// <summary>A real <c>weir-agent</c> and <c>weir up</c>.</summary>
/// <remarks>
/// Made are the samples of all frames that the spool was given, and of ticks that a killed agent had in memory: those between its last spooled one and its
/// end. Declared are the frames that tombstones name, and those ticks where the next epoch names the tick that they follow.
/// </remarks>
/// <param name="settings">How long everything takes.</param>
/// <param name="frameSeconds">How long frames gather ticks while a gateway receives them; 0 spools each tick.</param>
internal sealed class WeirSide(FaultSettings settings, int frameSeconds) : IFaultSide
{
    private const int TickMs = 1000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Caught = TimeSpan.FromSeconds(5);

    public async Task<FaultOutcome> RunAsync(QueueFault fault, string work, CancellationToken cancellationToken)
    {
        WeirUp up = await SetUpAsync(work, cancellationToken);
        string dll = WeirProcess.FindDll(), gateway = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{up.GrpcPort}");
        // One group: every tick has the same series.
        string config = string.Create(CultureInfo.InvariantCulture, $"frame_seconds: {frameSeconds}\ncollectors: {{ filesystem: {{ enabled: false }}, processes: {{ enabled: false }} }}");
        await using var agent = new BenchAgent(BenchAgent.Built, Path.Combine(work, "agent"), "faults", config);
        long delivered;
        await using (WeirProcess before = await WeirProcess.UpAsync(dll, up, cancellationToken))
        {
            agent.Start(gateway);
            await agent.WaitForAsync("Connected to", Limit, cancellationToken);
            await Task.Delay(FaultSettings.Around, cancellationToken);
            delivered = new FileInfo(Segments(agent)[^1]).Length;
            await EndAsync(before, cancellationToken);
        }

        await Task.Delay(settings.Outage, cancellationToken);
        long endedMs = await MidTickAsync(cancellationToken);
        if (fault.Kind == QueueFaultKind.Kill) await agent.DisposeAsync();
        else await agent.StopAsync(cancellationToken);
        SpoolContent atFault = await SpoolContent.ReadAsync(agent.Data);
        Inflict(fault, agent, delivered);
        agent.Start(gateway);
        await Task.Delay(FaultSettings.Around, cancellationToken);
        await using (WeirProcess after = await WeirProcess.UpAsync(dll, up, cancellationToken))
        {
            await agent.WaitForAsync("Connected to", Limit, cancellationToken);
            await Task.Delay(Caught, cancellationToken);
            await agent.StopAsync(cancellationToken);
            await agent.DrainAsync(gateway, Limit, cancellationToken);
            await EndAsync(after, cancellationToken);
        }

        return await CloseAsync(fault, atFault, await SpoolContent.ReadAsync(agent.Data), endedMs, dll, up, cancellationToken);
    }

    private static async Task<WeirUp> SetUpAsync(string work, CancellationToken cancellationToken)
    {
        int[] ports = FreePorts.Take(3);
        string config = Path.Combine(work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", cancellationToken);
        return new WeirUp { DataDirectory = Path.Combine(work, "server"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1], EnrollPort = ports[2] };
    }

    private static async Task EndAsync(WeirProcess weir, CancellationToken cancellationToken)
    {
        int code = await weir.StopAsync(Limit, cancellationToken);
        if (code != 0) throw new ReplayFailedException($"weir ended with code {code}:\n{weir.Output}");
    }

    // Half a second behind a tick it is certain which ticks the agent has read.
    private static async Task<long> MidTickAsync(CancellationToken cancellationToken)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long at = ((now / TickMs) + 1) * TickMs + (TickMs / 2);
        await Task.Delay(TimeSpan.FromMilliseconds(at - now), cancellationToken);
        return at;
    }

    private static void Inflict(QueueFault fault, BenchAgent agent, long delivered)
    {
        if (fault.Kind == QueueFaultKind.FlippedByte) FlippedByte.Within(Segments(agent)[^1], delivered, new FileInfo(Segments(agent)[^1]).Length, fault.FlipAt);
        if (fault.Kind != QueueFaultKind.DeletedMetadata) return;
        File.Delete(Path.Combine(agent.Data, AckFile.Name));
        foreach (string summary in Directory.EnumerateFiles(agent.Spool, "*.sum")) File.Delete(summary);
    }

    private static string[] Segments(BenchAgent agent) => [.. Directory.EnumerateFiles(agent.Spool, "*.seg").Order(StringComparer.Ordinal)];

    private async Task<FaultOutcome> CloseAsync(QueueFault fault, SpoolContent atFault, SpoolContent atEnd, long endedMs, string dll, WeirUp up, CancellationToken cancellationToken)
    {
        SpooledEntry last = atFault.Frames[^1];
        long inMemory = (endedMs - last.Header.LastGridMs) / TickMs * (last.Header.SampleCount / last.Header.Ticks);
        long made = atFault.Samples + inMemory + atEnd.Frames.Where(frame => frame.StartNumber > last.StartNumber).Sum(static frame => (long)frame.Header.SampleCount);
        long tombstones = atFault.Frames.Where(frame => atEnd.Tombstones.Any(tombstone => tombstone.Epoch == frame.Epoch && tombstone.FirstSeq <= frame.Seq && frame.Seq <= tombstone.LastSeq))
            .Sum(static frame => (long)frame.Header.SampleCount);
        bool isNamed = atEnd.Starts.Any(start => start.PreviousLastTickMs == last.Header.LastGridMs);
        (long stored, long twice) = await StoredAsync(dll, up, cancellationToken);
        return new FaultOutcome
        {
            Fault = fault,
            Product = string.Create(CultureInfo.InvariantCulture, $"weir-agent, frame_seconds {frameSeconds}"),
            Made = made,
            Stored = stored,
            Declared = tombstones + (isNamed ? inMemory : 0),
            Twice = twice,
            Wrong = null,
            Said = string.Join(", ", atEnd.Tombstones.Select(static tombstone => $"tombstone {tombstone.Reason}").Concat(inMemory > 0 && isNamed ? ["epoch start"] : [])),
        };
    }

    private static async Task<(long Stored, long Twice)> StoredAsync(string dll, WeirUp up, CancellationToken cancellationToken)
    {
        CommandResult result = await WeirProcess.RunAsync(dll, ["query", """{__name__!=""}""", "--since", "1d", "--output", "csv", "--data", up.DataDirectory], cancellationToken);
        if (result.ExitCode != 0) throw new ReplayFailedException($"weir query ended with code {result.ExitCode}:\n{result.Errors}");
        // Behind the heading: time, series, value.
        string[] samples = [.. result.Output.Skip(1).Select(static line => line[..line.LastIndexOf(',')])];
        int stored = samples.Distinct(StringComparer.Ordinal).Count();
        return (stored, samples.Length - stored);
    }
}
