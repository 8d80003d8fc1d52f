using Microsoft.Extensions.Hosting;

namespace Weir.Gateway;

/// <summary>Gives up abandoned and expired uploads, every hour.</summary>
internal sealed class UploadUpkeep(UploadStore store, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do await store.CollectAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
