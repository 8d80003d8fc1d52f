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
    private Storage(DataDirectory directory, EmbeddedLog log, FrameStore store, LogWriter writer)
    {
        Directory = directory;
        Log = log;
        Store = store;
        Writer = writer;
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
            log = await EmbeddedLog.OpenAsync(setup.Files, directory.Log, setup.Segments);
            store = new FrameStore(log, setup.Files, directory.Store, config.Store, time, loggers);
            LogWriter writer = await LogWriter.OpenAsync(
                log, store, setup.Files, directory.Quarantine, setup.Writer with { Horizon = config.Horizon }, directives, time, loggers);
            return new Storage(directory, log, store, writer);
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
        await Writer.DisposeAsync();
        Store.Dispose();
        await Log.DisposeAsync();
        Directory.Dispose();
    }
}
