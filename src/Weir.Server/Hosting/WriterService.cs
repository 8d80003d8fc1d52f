using Microsoft.Extensions.Hosting;
using Weir.Stores.FrameStore;
using Weir.Writer;

namespace Weir.Server.Hosting;

/// <summary>Runs the writer role: first everything that is durable already, then what comes; and the upkeep of the store beside it, which makes room where the disk is full.</summary>
internal sealed class WriterService(LogWriter writer, FrameStore store, Readiness readiness) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(writer.RunAsync(readiness.WriterCaughtUp, stoppingToken), Task.Run(() => store.RunAsync(stoppingToken), CancellationToken.None));
}
