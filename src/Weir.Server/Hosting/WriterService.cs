using Microsoft.Extensions.Hosting;
using Weir.Writer;

namespace Weir.Server.Hosting;

/// <summary>Runs the writer role: first everything that is durable already, then what comes.</summary>
internal sealed class WriterService(LogWriter writer, Readiness readiness) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await writer.CatchUpAsync(stoppingToken);
        readiness.WriterCaughtUp();
        await writer.RunAsync(stoppingToken);
    }
}
