using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
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
    }

    public CrashFileSystem Files { get; } = new();

    public EmbeddedLog Log { get; private set; } = null!;

    public FrameStore Store { get; private set; } = null!;

    public IStorePartition[] Partitions { get; private set; } = [];

    public static async Task<StoreFixture> CreateAsync(FrameStoreOptions? options = null, TimeProvider? time = null)
    {
        var fixture = new StoreFixture(options ?? new FrameStoreOptions { RetentionAge = null, RetentionBytes = null }, time ?? TimeProvider.System);
        foreach (string directory in (string[])["/", "/log", "/log/live", "/log/backfill", "/store"]) fixture.Files.CreateDirectory(directory);
        await fixture.OpenAsync();
        return fixture;
    }

    public async Task OpenAsync()
    {
        Log = await EmbeddedLog.OpenAsync(Files, "/log", new SegmentLogOptions { MaxSegmentBytes = 2000, Time = _time }, partitions: 1);
        Store = new FrameStore(Log, Files, "/store", _options, _time);
        Partitions = [.. Enumerable.Range(0, Log.PartitionCount).Select(Store.OpenPartition)];
    }

    public async Task CloseAsync()
    {
        Store.Dispose();
        await Log.DisposeAsync();
    }

    /// <summary>Appends a frame to the log and writes it into the store.</summary>
    public async Task WriteAsync(TestAgent agent, byte[] frame, LogClass logClass = LogClass.Live, uint startNumber = 1)
    {
        var record = new RecordHeader { Tenant = "default", AgentId = agent.Id, Epoch = agent.Epoch, StartNumber = startNumber };
        Assert.Equal(EntryError.None, EntryHeader.TryRead(frame, out EntryHeader header));
        _record.Begin(record);
        _record.Add(frame, header.HeaderBytes);
        SegmentLog log = Log.Partition(logClass, 0);
        long position = await log.AppendAsync(_record.Index, _record.Record, CancellationToken.None);
        Partitions[0].Write(new StoreFrame
        {
            Record = record, Entry = header, Schema = agent.Schema, LastMs = header.LastGridMs, LogClass = logClass,
            Position = position + _record.Record.Length - frame.Length, Length = frame.Length,
        });
    }

    public void Describe(TestAgent agent, params SeriesAttribute[] attributes) =>
        Partitions[0].Describe(new RecordHeader { Tenant = "default", AgentId = agent.Id }, 0, attributes);

    public async Task<IReadOnlyList<SeriesSamples>> ReadAsync(long fromMs, long toMs, bool latestOnly = false, params LabelMatcher[] matchers) =>
        await Store.ReadAsync(new SeriesSelection { Tenant = "default", Matchers = matchers, FromMs = fromMs, ToMs = toMs, LatestOnly = latestOnly }, CancellationToken.None);

    public ValueTask DisposeAsync() => new(CloseAsync());
}
