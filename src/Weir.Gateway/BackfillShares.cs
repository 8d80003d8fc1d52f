using Microsoft.Extensions.Hosting;

namespace Weir.Gateway;

/// <summary>Divides, once a second, what backlogs may take of each gateway among the streams that bring one.</summary>
internal sealed class BackfillShares(GatewayRegistry gateways, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                foreach (GatewayInstance gateway in gateways.All) gateway.ShareBackfill();
        }
        catch (OperationCanceledException)
        {
            // The process goes down.
        }
    }
}
