using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
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

    public FakeTimeProvider? Time { get; init; }

    /// <summary>The disk's reserve; null for none. Counts from the next opening.</summary>
    public DiskReserve? Reserve { get; set; }

    public TimeSpan GapPatience { get; init; } = new WriterOptions().GapPatience;

    public Horizon Horizon { get; set; } = new() { Ahead = null, Back = null };

    public static async Task<WriterFixture> CreateAsync(Horizon? horizon = null, FakeTimeProvider? time = null, TimeSpan? gapPatience = null)
    {
        var files = new CrashFileSystem();
        foreach (string directory in (string[])["/", "/log", "/log/live", "/log/backfill", "/quarantine"]) files.CreateDirectory(directory);
        var fixture = new WriterFixture(files, new RecordingStore()) 
        {
            Horizon = horizon ?? new Horizon { Ahead = null, Back = null }, Time = time, GapPatience = gapPatience ?? new WriterOptions().GapPatience,
        };
        await fixture.OpenAsync();
        return fixture;
    }

    /// <summary>Closes everything and opens it again with an empty store that continues at the same progress.</summary>
    /// <param name="meanwhile">What happens to the files in between.</param>
    public async Task RestartAsync(Action? meanwhile = null)
    {
        await CloseAsync();
        meanwhile?.Invoke();
        Store = new RecordingStore { Start = Store.Progresses, Sealed = Store.Sealed };
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
        Task running = Writer.RunAsync(static () => { }, stop.Token);
        while (Store.Partitions[partition].Wanted is not null) await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Moves a partition's progress on, where a store has sealed what lies before.</summary>
    public void Seal(int partition, LogPositions to)
    {
        Store.Partitions[partition].Wanted = to;
        Writer.Advance();
    }

    /// <summary>Flips a bit in the payload of a stored frame, and has the store find it.</summary>
    public void Damage(StoreFrame frame)
    {
        int partition = frame.Record.AgentId.Partition(Log.PartitionCount);
        FlipBit(frame.LogClass, partition, frame.Position + frame.Length - 1);
        var agent = new AgentKey(frame.Record.Tenant, frame.Record.AgentId);
        Store.Partitions[partition].Damaged.Add(
            new DamagedFrame(agent, frame.Record.Epoch, frame.Entry.Seq, frame.LogClass, frame.Position, frame.Length, frame.Entry.FirstMs, frame.LastMs));
    }

    /// <summary>Flips a bit of the log.</summary>
    public void FlipBit(LogClass logClass, int partition, long position)
    {
        LogSegment segment = Log.Partition(logClass, partition).Segments.Last(each => each.Start <= position);
        string path = PathOf(logClass, partition, segment);
        byte[] bytes = Files.Read(path);
        bytes[position - segment.Start] ^= 1;
        Files.Overwrite(path, bytes);
    }

    /// <summary>The file of a segment.</summary>
    public static string PathOf(LogClass logClass, int partition, LogSegment segment) =>
        FormattableString.Invariant($"/log/{(logClass == LogClass.Live ? "live" : "backfill")}/{partition}/{segment.Start:D20}.seg");

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
        Log = await EmbeddedLog.OpenAsync(Files, "/log", new SegmentLogOptions { MaxSegmentBytes = 2000, Reserve = Reserve, Time = Time ?? TimeProvider.System });
        Writer = await LogWriter.OpenAsync(
            Log, Store, Files, Reserve, "/quarantine", new WriterOptions { Horizon = Horizon, GapPatience = GapPatience }, Directives, Time ?? TimeProvider.System, NullLoggerFactory.Instance);
    }
}

/// <summary>A store that remembers what it was given.</summary>
internal sealed class RecordingStore : IStore
{
    private readonly Lock _lock = new();

    public string Name => "recording";

    public List<StoreFrame> Frames { get; } = [];

    /// <summary>Called before frames are taken in: a store that is slow.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Frames that stand elsewhere than in the log: what lay before a progress when it was made.</summary>
    public List<StoreFrame> Sealed { get; init; } = [];

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

        public List<DamagedFrame> Damaged { get; } = [];

        public IReadOnlyList<MissingEntries> Missing { get; private set; } = [];

        public IReadOnlyList<DamagedFrame> TakeDamaged()
        {
            DamagedFrame[] taken = [.. Damaged];
            Damaged.Clear();
            return taken;
        }

        public void Forget(IReadOnlyList<DamagedFrame> frames)
        {
            lock (store._lock) store.Frames.RemoveAll(stored => frames.Any(frame => frame.Position == stored.Position && frame.LogClass == stored.LogClass && frame.Agent.Agent == stored.Record.AgentId));
        }

        public void TakeMissing(IReadOnlyList<MissingEntries> missing) => Missing = [.. missing];

        public void Write(ReadOnlySpan<StoreFrame> frames)
        {
            if (!frames.IsEmpty) store.BeforeWrite?.Invoke();
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
            lock (store._lock)
            {
                bool IsBefore(StoreFrame frame) =>
                    store.Partitions[frame.Record.AgentId.Partition(store.Partitions.Count)] == this && frame.Position < progress.Positions.Of(frame.LogClass);
                store.Sealed.AddRange(store.Frames.Where(IsBefore));
                store.Frames.RemoveAll(IsBefore);
            }

            Progress = progress;
            Wanted = null;
        }
    }
}

/// <summary>Remembers the directives that agents would have got.</summary>
internal sealed class RecordingDirectives : IAgentDirectives
{
    public List<(AgentId Agent, Directive Directive)> Sent { get; } = [];

    /// <summary>Whether agents are connected.</summary>
    public bool Connected { get; set; } = true;

    /// <summary>Whether heirs of the agents are connected in their place.</summary>
    public bool AreHeirs { get; set; }

    /// <summary>What agents answer; null for nothing.</summary>
    public DirectiveStatus? Answer { get; set; }

    /// <summary>The ranges asked for since the last call.</summary>
    public (ulong Epoch, ulong First, ulong Last)[] TakeResends()
    {
        lock (Sent)
        {
            (ulong, ulong, ulong)[] asked = [.. Sent.Where(static sent => sent.Directive.Resend is not null)
                .SelectMany(static sent => sent.Directive.Resend.Seqs.Select(range => (sent.Directive.Resend.Epoch, range.First, range.Last)))];
            Sent.Clear();
            return asked;
        }
    }

    public DirectiveReach TrySend(string tenant, AgentId agent, Directive directive, Action<DirectiveResult>? answered = null)
    {
        if (!Connected) return DirectiveReach.None;
        lock (Sent) Sent.Add((agent, directive));
        if (AreHeirs) return DirectiveReach.Heir;
        if (Answer is { } status) answered?.Invoke(new DirectiveResult { Id = directive.Id, Status = status });
        return DirectiveReach.Agent;
    }
}
