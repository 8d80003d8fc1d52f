using Microsoft.Extensions.Logging.Abstractions;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;
using Weir.TestKit.FileSystem;

namespace Weir.Writer.Tests;

/// <summary>A writer over a real embedded log on a file system in memory, and a store that remembers what it was given.</summary>
internal sealed class WriterFixture : IAsyncDisposable
{
    private readonly RecordBuilder _record = new();

    private WriterFixture(CrashFileSystem files, RecordingStore store)
    {
        Files = files;
        Store = store;
    }

    public CrashFileSystem Files { get; }

    public RecordingStore Store { get; private set; }

    public RecordingDirectives Directives { get; } = new();

    public EmbeddedLog Log { get; private set; } = null!;

    public LogWriter Writer { get; private set; } = null!;

    public Horizon Horizon { get; set; } = new() { Ahead = null, Back = null };

    public static async Task<WriterFixture> CreateAsync(Horizon? horizon = null)
    {
        var files = new CrashFileSystem();
        foreach (string directory in (string[])["/", "/log", "/log/live", "/log/backfill", "/quarantine"]) files.CreateDirectory(directory);
        var fixture = new WriterFixture(files, new RecordingStore()) { Horizon = horizon ?? new Horizon { Ahead = null, Back = null } };
        await fixture.OpenAsync();
        return fixture;
    }

    /// <summary>Closes everything and opens it again with an empty store that continues at the same progress.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        Store = new RecordingStore { Start = Store.Progresses };
        await OpenAsync();
        await Writer.CatchUpAsync(CancellationToken.None);
    }

    /// <summary>Appends entries as one record and lets the writer read it.</summary>
    public async Task WriteAsync(TestAgent agent, IEnumerable<byte[]> entries, LogClass logClass = LogClass.Live, long receivedMs = 0)
    {
        await AppendAsync(agent, entries, logClass, receivedMs);
        await Writer.CatchUpAsync(CancellationToken.None);
    }

    /// <summary>Runs the writer until it has moved a partition's progress on.</summary>
    public async Task AdvanceAsync(int partition, LogPositions to)
    {
        Store.Partitions[partition].Wanted = to;
        using var stop = new CancellationTokenSource();
        Task running = Writer.RunAsync(stop.Token);
        while (Store.Partitions[partition].Wanted is not null) await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Appends entries as one record.</summary>
    public async Task AppendAsync(TestAgent agent, IEnumerable<byte[]> entries, LogClass logClass = LogClass.Live, long receivedMs = 0)
    {
        _record.Begin(new RecordHeader { Tenant = "default", AgentId = agent.Id, Epoch = agent.Epoch, StartNumber = 1, ReceivedMs = receivedMs });
        foreach (byte[] entry in entries)
        {
            Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
            _record.Add(entry, header.HeaderBytes);
        }

        await Log.AppendAsync(logClass, agent.Id.Partition(Log.PartitionCount), _record);
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private async ValueTask CloseAsync()
    {
        await Writer.DisposeAsync();
        await Log.DisposeAsync();
    }

    private async Task OpenAsync()
    {
        Log = await EmbeddedLog.OpenAsync(Files, "/log", new SegmentLogOptions { MaxSegmentBytes = 2000 });
        Writer = await LogWriter.OpenAsync(
            Log, Store, Files, "/quarantine", new WriterOptions { Horizon = Horizon }, Directives, TimeProvider.System, NullLoggerFactory.Instance);
    }
}

/// <summary>A store that remembers what it was given.</summary>
internal sealed class RecordingStore : IStore
{
    private readonly Lock _lock = new();

    public string Name => "recording";

    public List<StoreFrame> Frames { get; } = [];

    public List<(AgentId Agent, string Host)> Hosts { get; } = [];

    public Dictionary<int, StoreProgress> Start { get; init; } = [];

    public Dictionary<int, StoreProgress> Progresses => Partitions.ToDictionary(static pair => pair.Key, static pair => pair.Value.Progress);

    public Dictionary<int, Partition> Partitions { get; } = [];

    /// <summary>Names of the frames stored, in order.</summary>
    public IEnumerable<(ulong Epoch, ulong Seq)> Names => Frames.Select(static frame => (frame.Record.Epoch, frame.Entry.Seq));

    public IStorePartition OpenPartition(int partition) =>
        Partitions[partition] = new Partition(this) { Progress = Start.GetValueOrDefault(partition) ?? new StoreProgress(default, default) };

    internal sealed class Partition(RecordingStore store) : IStorePartition
    {
        public StoreProgress Progress { get; set; } = null!;

        public LogPositions? Wanted { get; set; }

        public void Write(ReadOnlySpan<StoreFrame> frames)
        {
            lock (store._lock) store.Frames.AddRange(frames);
        }

        public void Describe(in RecordHeader record, long fromMs, IReadOnlyList<SeriesAttribute> attributes)
        {
            lock (store._lock) store.Hosts.Add((record.AgentId, attributes.First(static attribute => attribute.Key == "host.name").Value));
        }

        public void Reached(LogPositions positions)
        {
        }

        public bool WantsAdvance(out LogPositions to)
        {
            to = Wanted ?? default;
            return Wanted is not null;
        }

        public void Advance(StoreProgress progress)
        {
            Progress = progress;
            Wanted = null;
        }
    }
}

/// <summary>Remembers the directives that agents would have got.</summary>
internal sealed class RecordingDirectives : IAgentDirectives
{
    public List<(AgentId Agent, Directive Directive)> Sent { get; } = [];

    public bool TrySend(string tenant, AgentId agent, Directive directive)
    {
        lock (Sent) Sent.Add((agent, directive));
        return true;
    }
}
