using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Log;
using Weir.Server.Configuration;
using Weir.Stores.FrameStore;
using Weir.Writer;

namespace Weir.Server.Hosting;

/// <summary>Log, store and writer of a data directory, opened together and closed in order.</summary>
internal sealed class Storage : IAsyncDisposable
{
    private readonly Meter _meter = new("Weir.Log");

    private Storage(DataDirectory directory, DiskReserve reserve, EmbeddedLog log, FrameStore store, LogWriter writer)
    {
        Directory = directory;
        Log = log;
        Store = store;
        Writer = writer;
        _meter.CreateObservableGauge("weir.log.reserve", () => reserve.HeldBytes, "By", "Bytes kept on the disk so that a full one ends well; 0 while the disk is full and gateways answer RETRY.");
    }

    /// <summary>Where everything is.</summary>
    public DataDirectory Directory { get; }

    /// <summary>The embedded log.</summary>
    public EmbeddedLog Log { get; }

    /// <summary>The frame store.</summary>
    public FrameStore Store { get; }

    /// <summary>The writer between them.</summary>
    public LogWriter Writer { get; }

    /// <summary>Opens a data directory.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public static Task<Storage> OpenAsync(ServerConfig config, bool create, IAgentDirectives directives, TimeProvider time, ILoggerFactory loggers) =>
        OpenAsync(config, create, new StorageSetup(), directives, time, loggers);

    /// <summary>Opens a data directory on another setup.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public static async Task<Storage> OpenAsync(
        ServerConfig config, bool create, StorageSetup setup, IAgentDirectives directives, TimeProvider time, ILoggerFactory loggers)
    {
        DataDirectory directory = DataDirectory.Open(config.DataDirectory, create);
        EmbeddedLog? log = null;
        FrameStore? store = null;
        try
        {
            var reserve = new DiskReserve(setup.Files, directory.Root, config.ReserveBytes, time);
            log = await EmbeddedLog.OpenAsync(setup.Files, directory.Log, setup.Segments with { Reserve = reserve, Time = time });
            // What cannot be held is told by the first append.
            _ = reserve.TryHold();
            store = new FrameStore(log, setup.Files, reserve, directory.Store, config.Store, time, loggers);
            LogWriter writer = await LogWriter.OpenAsync(
                log, store, setup.Files, reserve, directory.Quarantine, setup.Writer with { Horizon = config.Horizon }, directives, time, loggers);
            return new Storage(directory, reserve, log, store, writer);
        }
        catch (Exception e)
        {
            store?.Dispose();
            if (log is not null) await log.DisposeAsync();
            directory.Dispose();
            if (e is LogException or StoreFormatException or InvalidDataException) throw new StartupException([e.Message], ExitCode.Environment);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        await Writer.DisposeAsync();
        Store.Dispose();
        await Log.DisposeAsync();
        Directory.Dispose();
    }
}
