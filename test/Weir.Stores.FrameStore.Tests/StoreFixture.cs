using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Stores.FrameStore.Upkeep;
using Weir.TestKit.Agents;
using Weir.TestKit.FileSystem;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>A frame store over a real embedded log on a file system in memory, written without a writer.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    private readonly RecordBuilder _record = new();
    private readonly FrameStoreOptions _options;
    private readonly TimeProvider _time;

    private StoreFixture(FrameStoreOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        Faulty = new FaultyFiles(Files);
    }

    public CrashFileSystem Files { get; } = new();

    /// <summary>What the log and the store see of <see cref="Files"/>.</summary>
    public FaultyFiles Faulty { get; }

    public EmbeddedLog Log { get; private set; } = null!;

    /// <summary>The disk's reserve; null for none. Counts from the next opening.</summary>
    public DiskReserve? Reserve { get; set; }

    public FrameStore Store { get; private set; } = null!;

    public IStorePartition[] Partitions { get; private set; } = [];

    public FrameStorePartition Partition => (FrameStorePartition)Partitions[0];

    /// <summary>Every frame that was written, in order: what a writer would read in the log again.</summary>
    public List<StoreFrame> Written { get; } = [];

    public static async Task<StoreFixture> CreateAsync(FrameStoreOptions? options = null, TimeProvider? time = null)
    {
        var fixture = new StoreFixture(options ?? new FrameStoreOptions { RetentionAge = null, RetentionBytes = null }, time ?? TimeProvider.System);
        foreach (string directory in (string[])["/", "/log", "/log/live", "/log/backfill", "/store"]) fixture.Files.CreateDirectory(directory);
        await fixture.OpenAsync();
        return fixture;
    }

    public async Task OpenAsync()
    {
        Log = await EmbeddedLog.OpenAsync(Faulty, "/log", new SegmentLogOptions { MaxSegmentBytes = 2000, Reserve = Reserve, Time = _time }, partitions: 1);
        Store = new FrameStore(Log, Faulty, Reserve, "/store", _options, _time);
        Partitions = [.. Enumerable.Range(0, Log.PartitionCount).Select(Store.OpenPartition)];
    }

    public async Task CloseAsync()
    {
        Store.Dispose();
        await Log.DisposeAsync();
    }

    /// <summary>Appends a frame to the log and writes it into the store, unless it waits for its objects.</summary>
    public async Task WriteAsync(
        TestAgent agent, byte[] frame, LogClass logClass = LogClass.Live, uint startNumber = 1, long? lastMs = null, bool isWaiting = false)
    {
        var record = new RecordHeader { Tenant = "default", AgentId = agent.Id, Epoch = agent.Epoch, StartNumber = startNumber };
        Assert.Equal(EntryError.None, EntryHeader.TryRead(frame, out EntryHeader header));
        _record.Begin(record);
        _record.Add(frame, header.HeaderBytes);
        SegmentLog log = Log.Partition(logClass, 0);
        long position = await log.AppendAsync(_record.Index, _record.Record, CancellationToken.None);
        var stored = new StoreFrame
        {
            Record = record, Entry = header, Schema = agent.Schema, LastMs = lastMs ?? header.LastGridMs, LogClass = logClass,
            Position = position + _record.Record.Length - frame.Length, Length = frame.Length, Baseline = BaselineOf(agent),
        };
        Written.Add(stored);
        if (isWaiting) return;
        Partitions[0].Write([stored]);
        Partitions[0].Reached(Ends);
    }

    /// <summary>Hands the store a frame that has waited, as when its objects come.</summary>
    public void Release(StoreFrame frame) => Partitions[0].Write([frame]);

    /// <summary>The writer has read all that the log holds.</summary>
    public void Reached() => Partitions[0].Reached(Ends);

    /// <summary>Opens the store again and hands it what the log holds behind its progress, as a writer does.</summary>
    public async Task ReopenAsync()
    {
        await OpenAsync();
        LogPositions from = Partitions[0].Progress.Positions;
        foreach (StoreFrame frame in Written)
            if (frame.Position >= from.Of(frame.LogClass)) Partitions[0].Write([frame]);
        Partitions[0].Reached(Ends);
    }

    /// <summary>Seals everything and moves the progress on.</summary>
    public async Task SealAsync()
    {
        using var upkeep = new StoreUpkeep(Store);
        await upkeep.SealAsync(Partition, static () => { }, CancellationToken.None);
        Advance();
    }

    /// <summary>Lets the clock run until something that waits on it has ended.</summary>
    public static async Task GoOnAsync(FakeTimeProvider time, Task work)
    {
        while (!work.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await work;
    }

    /// <summary>What the writer does when the store wants its progress moved.</summary>
    public void Advance()
    {
        if (Partition.WantsAdvance(out LogPositions to)) Partition.Advance(new StoreProgress(to, new byte[] { 1, 0, 0 }));
    }

    /// <summary>Merges every hour that has several parts.</summary>
    public async Task MergeAsync()
    {
        using var upkeep = new StoreUpkeep(Store);
        await upkeep.MergeAsync(Partition, CancellationToken.None);
    }

    private LogPositions Ends => new(Log.Partition(LogClass.Live, 0).DurableEnd, Log.Partition(LogClass.Backfill, 0).DurableEnd);

    private static PackedBaseline? BaselineOf(TestAgent agent) =>
        agent.Baseline is { } baseline ? new PackedBaseline(baseline.Id.Short, agent.Schema, ObjectCodec.Pack(baseline.Canonical.Span)) : null;

    public void Describe(TestAgent agent, params SeriesAttribute[] attributes) =>
        Partitions[0].Describe(new RecordHeader { Tenant = "default", AgentId = agent.Id }, 0, attributes);

    public async Task<IReadOnlyList<SeriesSamples>> ReadAsync(long fromMs, long toMs, bool latestOnly = false, params LabelMatcher[] matchers) =>
        await Store.ReadAsync(new SeriesSelection { Tenant = "default", Matchers = matchers, FromMs = fromMs, ToMs = toMs, LatestOnly = latestOnly }, CancellationToken.None);

    public ValueTask DisposeAsync() => new(CloseAsync());
}
