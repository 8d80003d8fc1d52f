using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Recordings;

namespace Weir.Bench.Garbage;

/// <summary>Many hosts through the agent as it is: engine, lanes, frames and spool of each, without a gateway.</summary>
internal static class PooledRun
{
    /// <summary>Runs until cancelled.</summary>
    /// <param name="settings">What is run.</param>
    /// <param name="group">What each host replays.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task RunAsync(GarbageSettings settings, RecordedGroup group, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, settings.Hosts).Select(number => HostAsync(settings, group, number, cancellationToken)));

    private static async Task HostAsync(GarbageSettings settings, RecordedGroup group, int number, CancellationToken cancellationToken)
    {
        var config = new AgentConfig { DataDirectory = Path.Combine(settings.Data, string.Create(CultureInfo.InvariantCulture, $"host-{number}")), SpoolBytes = AgentConfig.MinSpoolBytes, Listen = null };
        var host = new AgentHost(config, NullLoggerFactory.Instance, TimeProvider.System, Plan, () => RecordingDelivery.OpenAsync(config, NullLoggerFactory.Instance, TimeProvider.System));
        await host.RunAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        IReadOnlyList<PlannedCollector> Plan(AgentConfig _, string? __) => [new PlannedCollector(LaneKind.High, TimeSpan.FromSeconds(1), IsAlone: true, new ReplayCollector(group, number))];
    }
}
