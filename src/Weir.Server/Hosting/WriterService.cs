using Microsoft.Extensions.Hosting;
using Weir.Stores.FrameStore;
using Weir.Writer;

namespace Weir.Server.Hosting;

/// <summary>Runs the writer role: first everything that is durable already, then what comes, and the upkeep of the store beside it.</summary>
internal sealed class WriterService(LogWriter writer, FrameStore store, Readiness readiness) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await writer.CatchUpAsync(stoppingToken);
        readiness.WriterCaughtUp();
        await Task.WhenAll(writer.RunAsync(stoppingToken), Task.Run(() => store.RunAsync(stoppingToken), CancellationToken.None));
    }
}
