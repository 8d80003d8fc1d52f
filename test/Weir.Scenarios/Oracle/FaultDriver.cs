using System.Collections.Concurrent;
using System.Globalization;
using Weir.Agent.Identity;

namespace Weir.Scenarios.Oracle;

/// <summary>Injects the faults of a plan, several at a time, and counts those that happened.</summary>
/// <remarks>A process and its files suffer one fault after the other; the network fails beside that.</remarks>
internal sealed class FaultDriver(OracleServer server, bool isEncrypted, IReadOnlyList<OracleAgent> agents, Action<FaultKind> happened)
{
    private static readonly TimeSpan PointLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(4);

    // In the words of the fault host.
    private const string FirstStrike = "the first fault strikes";

    private readonly SemaphoreSlim _serverTurn = new(1);
    private readonly NetworkFaults _network = new(server, isEncrypted);

    /// <summary>What went wrong while faults were injected that no fault explains.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    /// <summary>Injects a plan and waits until the last fault is over.</summary>
    public async Task RunAsync(IReadOnlyList<PlannedFault> plan, CancellationToken cancellationToken)
    {
        var running = new List<Task>();
        long start = Environment.TickCount64;
        foreach (PlannedFault fault in plan)
        {
            long wait = start + fault.AtMs - Environment.TickCount64;
            if (wait > 0) await Task.Delay((int)wait, cancellationToken);
            running.Add(InjectAsync(fault, cancellationToken));
        }

        await Task.WhenAll(running);
    }

    private async Task InjectAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        OracleAgent agent = Target(fault);
        bool isServer = fault.Kind is FaultKind.KillServer or FaultKind.KillServerAtPoint or FaultKind.PauseServer or FaultKind.ServerDiskFull;
        bool isNetwork = fault.Kind >= FaultKind.Latency;
        SemaphoreSlim? turn = isServer ? _serverTurn : isNetwork ? null : agent.Turn;
        if (turn is not null) await turn.WaitAsync(cancellationToken);
        try
        {
            bool done = isNetwork ? await _network.InjectAsync(fault, agent.Proxy, cancellationToken)
                : isServer ? await OnServerAsync(fault, cancellationToken)
                : await OnAgentAsync(fault, agent, cancellationToken);
            if (done) happened(fault.Kind);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Problems.Enqueue($"{fault}: {e}");
        }
        finally
        {
            turn?.Release();
        }
    }

    // The agent as it ships has neither our clock nor our file system.
    private OracleAgent Target(PlannedFault fault)
    {
        OracleAgent[] hit = fault.Kind is FaultKind.KillAgentAtPoint or FaultKind.AgentDiskFull or FaultKind.AgentDiskError or FaultKind.SlowDisk or FaultKind.ClockStep
            ? [.. agents.Where(static agent => agent.IsHosted)] : [.. agents];
        return hit[fault.Target % hit.Length];
    }

    private async Task<bool> OnServerAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case FaultKind.PauseServer:
                return await PauseAsync(server.Process, fault, cancellationToken);
            case FaultKind.KillServer:
                await KillAsync("the server", server.Process);
                await Task.Delay(fault.DurationMs, cancellationToken);
                server.Start();
                return true;
            case FaultKind.ServerDiskFull:
                await KillAsync("the server", server.Process);
                server.Start($"segment.write:{20 + (fault.Draw % 40)}-{120 + (fault.Draw % 200)}:full");
                return await StrikesAsync(server.Process, cancellationToken);
            default:
                await KillAsync("the server", server.Process);
                server.Start(FaultPoints.At(FaultPoints.Server[fault.Draw % FaultPoints.Server.Count], 5 + (fault.Draw % 50)));
                return await AwaitPointAsync(server.Process, () => server.Start(), cancellationToken);
        }
    }

    private async Task<bool> OnAgentAsync(PlannedFault fault, OracleAgent agent, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case FaultKind.PauseAgent:
                return await PauseAsync(agent.Process, fault, cancellationToken);
            case FaultKind.ClockStep:
                long stepMs = (fault.Draw % 2 == 0 ? 1 : -1) * (1500L + (fault.Draw % 3_600_000));
                await File.WriteAllTextAsync(agent.ClockFile, stepMs.ToString(CultureInfo.InvariantCulture) + "\n", cancellationToken);
                return true;
        }

        await KillAsync(agent.Name, agent.Process);
        switch (fault.Kind)
        {
            case FaultKind.KillAgentAtPoint:
                agent.Start(FaultPoints.At(FaultPoints.Agent[fault.Draw % FaultPoints.Agent.Count], 2 + (fault.Draw % 20)));
                return await AwaitPointAsync(agent.Process, () => agent.Start(), cancellationToken);
            case FaultKind.AgentDiskFull:
                agent.Start($"segment.write:{4 + (fault.Draw % 10)}-{10 + (fault.Draw % 50)}:full");
                ChildProcess full = agent.Process;
                await StartAgainAsync(agent, cancellationToken);
                return HasStruck(full);
            case FaultKind.AgentDiskError:
                agent.Start($"segment.flush:{4 + (fault.Draw % 10)}-1000000:error");
                await Task.Delay(1000 + fault.DurationMs, cancellationToken);
                bool failed = HasStruck(agent.Process);
                // Its spool takes nothing until it starts anew; and where its start had losses to declare, it has ended.
                await KillAsync(agent.Name, agent.Process, mayHaveEnded: true);
                agent.Start();
                return failed;
            case FaultKind.SlowDisk:
                agent.Start("segment.flush:1-40:slow");
                return await StrikesAsync(agent.Process, cancellationToken);
            default:
                bool done = SpoolFaults.Inject(fault, agent);
                await Task.Delay(fault.DurationMs / 4, cancellationToken);
                agent.Start();
                return done;
        }
    }

    private static async Task<bool> PauseAsync(ChildProcess process, PlannedFault fault, CancellationToken cancellationToken)
    {
        process.Pause();
        await Task.Delay(fault.DurationMs * 2, cancellationToken);
        process.Resume();
        return true;
    }

    private async Task KillAsync(string name, ChildProcess process, bool mayHaveEnded = false)
    {
        if (process.HasExited && !(mayHaveEnded && IsRefusal(process))) Problems.Enqueue($"{name} had ended by itself with code {process.ExitCode}:\n{process.Output}");
        else if (!process.HasExited) await process.KillAsync();
        await process.DisposeAsync();
    }

    // An agent that has no room to begin with says so and ends: whoever started it starts it again.
    private async Task StartAgainAsync(OracleAgent agent, CancellationToken cancellationToken)
    {
        if (!await EndsWithinAsync(agent.Process, StartLimit, cancellationToken)) return;
        if (!IsRefusal(agent.Process)) Problems.Enqueue($"{agent.Name} ended by itself with code {agent.Process.ExitCode}:\n{agent.Process.Output}");
        await agent.Process.DisposeAsync();
        agent.Start();
    }

    private static bool HasStruck(ChildProcess process) => process.Output.ToString()!.Contains(FirstStrike, StringComparison.Ordinal);

    // A fault that never struck is none, and is not counted.
    private static async Task<bool> StrikesAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        for (long start = Environment.TickCount64; !HasStruck(process) && Environment.TickCount64 - start < StartLimit.TotalMilliseconds;) await Task.Delay(20, cancellationToken);
        return HasStruck(process);
    }

    // Its data directory could not be used: said, and no crash.
    private static bool IsRefusal(ChildProcess process) => process.Output.ToString()!.Contains(nameof(AgentDataException), StringComparison.Ordinal);

    // A point that is not reached within the limit is none: some need a roll or a seal. The process goes on without it.
    private static async Task<bool> AwaitPointAsync(ChildProcess process, Action start, CancellationToken cancellationToken)
    {
        bool reached = await EndsWithinAsync(process, PointLimit, cancellationToken);
        if (!reached) await process.KillAsync();
        await process.DisposeAsync();
        start();
        return reached;
    }

    private static async Task<bool> EndsWithinAsync(ChildProcess process, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await process.WaitAsync(limit, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
