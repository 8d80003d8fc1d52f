using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;
using Weir.TestKit.FileSystem;

namespace Weir.Agent.Tests.Spooling;

/// <summary>A store over a file system that can crash, on a clock that stands still unless told.</summary>
internal sealed class StoreHarness : IAsyncDisposable
{
    public const string Directory = "/data";

    public const int ReserveBytes = 4000;

    public static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private AgentStore? _store;

    public CrashFileSystem Files { get; } = new();

    public FakeTimeProvider Time { get; } = new(Begin);

    public long SpoolBytes { get; init; } = 64 << 20;

    public long SegmentBytes { get; init; } = 64 << 10;

    public Schema Schema { get; init; } = TestSeries.Schema();

    /// <summary>Makes the baselines of frames; null leaves them plain.</summary>
    public GroupProfiles? Profiles { get; set; }

    public AgentStore Store => _store ?? throw new InvalidOperationException("not open");

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static async Task<StoreHarness> StartAsync(long spoolBytes = 64 << 20, long segmentBytes = 64 << 10)
    {
        var harness = new StoreHarness { SpoolBytes = spoolBytes, SegmentBytes = segmentBytes };
        harness.Files.CreateDirectory("/");
        await harness.OpenAsync();
        return harness;
    }

    public static AgentStoreOptions Options(string directory, long spoolBytes, long segmentBytes) =>
        new(directory, spoolBytes, [new SeriesAttribute("host.name", "alpha"), new SeriesAttribute("host.id", "from-the-system")]) { SegmentBytes = segmentBytes, ReserveBytes = ReserveBytes };

    public async Task OpenAsync(MachineMark machine = default)
    {
        Task<AgentStore> opening = AgentStore.OpenAsync(Options(Directory, SpoolBytes, SegmentBytes) with { Machine = machine }, Files, Time, NullLoggerFactory.Instance);
        while (!opening.IsCompleted)
        {
            // The disk of a machine that has stopped gives nothing: the store waits for it in vain.
            if (Files.HasStopped) Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        _store = await opening;
    }

    public async Task RestartAsync()
    {
        await Store.DisposeAsync();
        await OpenAsync();
    }

    /// <summary>Ends without a goodbye: acks not written down are lost, like everything else that was not durable.</summary>
    public async Task CrashAsync(int seed = 1)
    {
        Files.Crash(new Random(seed));
        _store = null;
        await OpenAsync();
    }

    public async Task AppendFramesAsync(int count, int ticks = 1)
    {
        for (int i = 0; i < count; i++)
        {
            FrameBuilder frame = TestSeries.Frame(Schema, NowMs, ticks, i);
            await AppendAsync(frame);
            Time.Advance(TimeSpan.FromSeconds(ticks));
        }
    }

    /// <summary>Appends a frame as the spool queue does.</summary>
    public async Task AppendAsync(FrameBuilder frame)
    {
        int ticks = frame.Ticks, samples = frame.SampleCount;
        frame.Baseline = Profiles?.Gather(frame, Store.ClockGeneration);
        int bytes = await Store.AppendFrameAsync(frame, Store.ClockGeneration, TestContext.Current.CancellationToken);
        if (frame.Baseline is not null) Profiles!.Spooled(ticks, samples, bytes);
        Profiles?.RenewIfDue();
    }

    /// <summary>What each segment's receiver has who gets that segment alone; a frame that needs more fails the test.</summary>
    public List<ObjectShelf> Segments()
    {
        var shelves = new Dictionary<long, ObjectShelf>();
        foreach (SpooledItem item in Items())
        {
            long segment = Store.SegmentOf(item.Epoch, item.Seq, item.Seq)!.Value;
            if (!shelves.TryGetValue(segment, out ObjectShelf? shelf)) shelves[segment] = shelf = new ObjectShelf();
            shelf.Take(item.Header, item.Bytes);
        }

        return [.. shelves.Values];
    }

    public List<SpooledItem> Items() => SpooledItem.ReadAll(Store);

    public void SettleAll()
    {
        foreach (OpenEpochInfo epoch in Store.OpenEpochs) Store.Settle(epoch.Epoch, 1, epoch.LastSeq);
    }

    /// <summary>Breaks the bytes of an entry on disk.</summary>
    public void Damage(SpooledItem item, int offset = 20) => Damage(item.Entry.Position + offset);

    /// <summary>Breaks a byte of the spool.</summary>
    public void Damage(long position)
    {
        string name = Files.ListFiles(Directory + "/spool").Where(static name => name.EndsWith(".seg", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Last(name => StartOf(name) <= position);
        string path = $"{Directory}/spool/{name}";
        byte[] content = Files.Read(path);
        content[position - StartOf(name)] ^= 0x55;
        Files.Overwrite(path, content);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
    }

    private static long StartOf(string name) => long.Parse(name.AsSpan(0, 20), System.Globalization.CultureInfo.InvariantCulture);
}
