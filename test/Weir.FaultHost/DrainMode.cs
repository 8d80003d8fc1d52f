using Microsoft.Extensions.Logging;
using Weir.Agent.Configuration;

namespace Weir.FaultHost;

/// <summary>An agent without collectors that sends what its spool holds: afterwards nothing is pending.</summary>
internal static class DrainMode
{
    /// <summary>Sends until every entry is settled.</summary>
    /// <returns>False where it was stopped before.</returns>
    public static async Task<bool> RunAsync(HostArguments arguments, CancellationToken cancellationToken)
    {
        AgentConfig config = AgentMode.ConfigOf(arguments);
        using ILoggerFactory loggers = AgentMode.Loggers();
        await using HostDelivery delivery = await HostDelivery.OpenAsync(config, arguments, TimeProvider.System, loggers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sending = delivery.RunAsync(stop.Token);
        while (delivery.Store.UnsettledEntries > 0 && !cancellationToken.IsCancellationRequested) await Task.Delay(20, CancellationToken.None);
        await stop.CancelAsync();
        await sending;
        return delivery.Store.UnsettledEntries == 0;
    }
}
