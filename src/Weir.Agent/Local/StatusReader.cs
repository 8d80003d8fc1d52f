using System.Net;
using System.Text.Json;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;

namespace Weir.Agent.Local;

/// <summary>How the collectors do: as a running agent says, which counts, since it has the service's rights; or tried here.</summary>
internal sealed class StatusReader(AgentConfig config, LinuxRoots roots, TimeProvider time, ILogger logger)
{
    /// <summary>How long a collector that is tried here may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    private const int MaxAnswerBytes = 4 << 20;

    /// <summary>Why what was asked last has no answer, in words.</summary>
    public string NoAnswer { get; private set; } = config.Listen is { } listen ? $"no agent answers at {listen}" : "no agent answers: 'listen' is none";

    /// <summary>Asks the agent that runs on this host; null where none answers.</summary>
    public Task<AgentStatus?> TryAskAsync(CancellationToken cancellationToken) => TryAskAsync("status", answer => StatusJson.Read(answer, config), cancellationToken);

    /// <summary>Asks the agent that runs on this host for the processes behind the names that have series; null where none answers.</summary>
    public Task<ProcessInventory?> TryAskProcessesAsync(CancellationToken cancellationToken) => TryAskAsync("processes", static answer => ProcessesJson.Read(answer), cancellationToken);

    /// <summary>Looks at the processes here; null where they cannot be read.</summary>
    /// <exception cref="IOException">They cannot be told.</exception>
    public async Task<ProcessInventory?> TryProcessesHereAsync(CancellationToken cancellationToken)
    {
        CollectorInfo info = CollectorCatalog.All.Single(static info => info.Name == "process");
        if (info.TryCreate(new CollectorContext(roots, time, config.ConfigOf(info.Name)), logger) is not { } collector) return null;
        var slot = new CollectorSlot(collector, time);
        await RunAsync(slot, cancellationToken).ConfigureAwait(false);
        ProcessInventory? found = collector.Processes;
        if (slot.State is SlotState.Idle or SlotState.Done) slot.Dispose();
        return found;
    }

    private async Task<T?> TryAskAsync<T>(string page, Func<byte[], T> read, CancellationToken cancellationToken) where T : class
    {
        if (config.Listen is not { } listen) return null;
        IPAddress address = listen.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : listen.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listen.Address;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = AnswerLimit, MaxResponseContentBufferSize = MaxAnswerBytes };
        try
        {
            return read(await client.GetByteArrayAsync(new Uri($"http://{new IPEndPoint(address, listen.Port)}/{page}"), cancellationToken).ConfigureAwait(false));
        }
        catch (HttpRequestException error) when (error.StatusCode is { } status)
        {
            NoAnswer = (int)status >= 500 ? $"the agent at {listen} answers {(int)status} ({status}), and its log says why" : $"what answers at {listen} says {(int)status} ({status}): it is no agent of this version";
            return null;
        }
        catch (JsonException)
        {
            NoAnswer = $"what answers at {listen} is no agent of this version";
            return null;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Tries every collector here, several times, a pause apart.</summary>
    /// <param name="ticks">How often.</param>
    /// <param name="pause">The pause.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<AgentStatus> TryHereAsync(int ticks, TimeSpan pause, CancellationToken cancellationToken)
    {
        long startedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        (PlannedCollector Planned, CollectorSlot Slot)[] all = [.. CollectorCatalog.Plan(config, roots, time, logger).Select(planned => (planned, new CollectorSlot(planned.Collector, time)))];
        for (int tick = 0; tick < ticks; tick++)
        {
            if (tick > 0) await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            foreach ((_, CollectorSlot slot) in all) await RunAsync(slot, cancellationToken).ConfigureAwait(false);
        }

        AgentStatus status = Describe(startedMs, [.. all.Select(static each => CollectorStatus.Of(each.Slot, each.Planned.Lane, each.Planned.Interval))]);
        foreach ((_, CollectorSlot slot) in all)
            if (slot.State is SlotState.Idle or SlotState.Done) slot.Dispose();
        return status;
    }

    /// <summary>A status of this process.</summary>
    public static AgentStatus Describe(long startedMs, IReadOnlyList<CollectorStatus> collectors) =>
        new(AgentVersion.Text, Environment.ProcessId, $"{Environment.UserDomainName}{Path.DirectorySeparatorChar}{Environment.UserName}", startedMs, collectors);

    // A thread of its own for each run: a collector that hangs here takes nobody else's place, and ends with the process.
    private async Task RunAsync(CollectorSlot slot, CancellationToken cancellationToken)
    {
        if (!slot.TryQueue(0) || !slot.TryBegin()) return;
        try
        {
            await Task.Factory.StartNew(() => slot.Run(static (_, _) => { }), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            slot.TryMarkStuck();
        }
    }
}
