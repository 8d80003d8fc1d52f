using Microsoft.Extensions.Logging.Abstractions;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.Stores.FrameStore;
using Weir.Writer;

namespace Weir.Bench.Scale;

/// <summary>Log, store and writer over one directory, as the server opens them, with sealing and retention off and no server around them.</summary>
internal sealed class FleetStorage : IAsyncDisposable
{
    private FleetStorage(EmbeddedLog log, FrameStore store, LogWriter writer)
    {
        Log = log;
        Store = store;
        Writer = writer;
    }

    public EmbeddedLog Log { get; }

    public FrameStore Store { get; }

    public LogWriter Writer { get; }

    /// <summary>Opens the log of a directory alone, to write into it.</summary>
    public static Task<EmbeddedLog> OpenLogAsync(string directory) =>
        EmbeddedLog.OpenAsync(new PhysicalFileSystem(), Path.Combine(directory, "log"), new SegmentLogOptions());

    /// <summary>Opens everything; nothing has been applied yet.</summary>
    public static async Task<FleetStorage> OpenAsync(string directory)
    {
        EmbeddedLog log = await OpenLogAsync(directory);
        return await OpenAsync(directory, log);
    }

    /// <summary>Opens store and writer over a log, which it owns from now on.</summary>
    public static async Task<FleetStorage> OpenAsync(string directory, EmbeddedLog log)
    {
        var files = new PhysicalFileSystem();
        var store = new FrameStore(
            log, files, null, Path.Combine(directory, "store"), new FrameStoreOptions { RetentionAge = null, RetentionBytes = null, SealInterval = null, UpkeepShare = 1 }, TimeProvider.System);
        var options = new WriterOptions { Horizon = new Horizon { Ahead = null, Back = null }, AdvanceInterval = TimeSpan.FromMilliseconds(20) };
        try
        {
            LogWriter writer = await LogWriter.OpenAsync(
                log, store, files, null, Path.Combine(directory, "quarantine"), options, new NoDirectives(), TimeProvider.System, NullLoggerFactory.Instance);
            return new FleetStorage(log, store, writer);
        }
        catch
        {
            store.Dispose();
            await log.DisposeAsync();
            throw;
        }
    }

    /// <summary>Frames in the hot index.</summary>
    public long HotFrames()
    {
        long frames = 0;
        foreach (FrameStorePartition partition in Store.Opened)
            partition.VisitHosts(FleetLog.Tenant, host => frames += host.Groups.Sum(static group => group.FrameCount));
        return frames;
    }

    /// <summary>Schemas that the hosts hold, equal ones counted as often as they are held apart.</summary>
    public int SchemasHeld()
    {
        var held = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (FrameStorePartition partition in Store.Opened)
        {
            partition.VisitHosts(FleetLog.Tenant, host =>
            {
                foreach (HotGroup group in host.Groups) held.Add(group.Schema);
            });
        }

        return held.Count;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        Store.Dispose();
        await Log.DisposeAsync();
    }

    private sealed class NoDirectives : IAgentDirectives
    {
        public DirectiveReach TrySend(string tenant, AgentId agent, Directive directive, Action<DirectiveResult>? answered = null) => DirectiveReach.None;
    }
}
