using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Server.Configuration;
using Weir.Server.Hosting;
using Weir.Writer;

namespace Weir.FaultHost;

/// <summary><c>weir up</c> without its local agent.</summary>
internal static class UpMode
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(300);

    /// <summary>Serves until stopped.</summary>
    public static async Task RunAsync(HostArguments arguments, CancellationToken cancellationToken)
    {
        string? file = arguments.Optional("--config");
        ServerConfig config = ServerConfigReader.Read(new ServerArguments(
            file is null ? null : new FileInfo(file), arguments.Data, arguments.Required("--http"), arguments.All("--grpc"), Insecure: false,
            Enroll: arguments.Optional("--enroll") ?? "127.0.0.1:0", Tls: arguments.Optional("--enroll") is not null));
        // Looked at often, so that short runs seal, move the manifest and unlink.
        config = config with { Store = config.Store with { UpkeepInterval = Often, KeepHot = Often } };
        var setup = new StorageSetup
        {
            Files = arguments.Files(),
            Segments = new SegmentLogOptions { MaxSegmentBytes = arguments.Number("--segment-bytes", 64L << 20) },
            Writer = new WriterOptions { AdvanceInterval = Often },
        };
        await using WeirServer server = await WeirServer.StartAsync(config, setup, TimeProvider.System, Logging, cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        server.BeginStop();
    }

    private static void Logging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(static console => console.SingleLine = true);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Grpc", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
    }
}
