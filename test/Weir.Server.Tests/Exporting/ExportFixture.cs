using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Server.Exporting;
using Weir.Stores.FrameStore;
using Weir.TestKit.Agents;
using Weir.TestKit.FileSystem;

namespace Weir.Server.Tests.Exporting;

/// <summary>A real frame store in memory, and a directory in memory that is exported to.</summary>
internal sealed class ExportFixture : IAsyncDisposable
{
    /// <summary>The start of an hour.</summary>
    public const long Hour = 1_700_002_800_000;

    private readonly CrashFileSystem _storeFiles = new();
    private readonly RecordBuilder _record = new();
    private EmbeddedLog _log = null!;
    private IStorePartition _partition = null!;

    public FrameStore Store { get; private set; } = null!;

    public CrashFileSystem Target { get; private set; } = NewTarget();

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(Hour + (2 * StoredHours.HourMs)));

    public List<string> Reports { get; } = [];

    public static async Task<ExportFixture> CreateAsync()
    {
        var fixture = new ExportFixture();
        foreach (string directory in (string[])["/", "/log", "/log/live", "/log/backfill", "/store"]) fixture._storeFiles.CreateDirectory(directory);
        fixture._log = await EmbeddedLog.OpenAsync(fixture._storeFiles, "/log", new SegmentLogOptions(), partitions: 1);
        fixture.Store = new FrameStore(fixture._log, fixture._storeFiles, null, "/store", new FrameStoreOptions { RetentionAge = null, RetentionBytes = null }, TimeProvider.System);
        fixture._partition = fixture.Store.OpenPartition(0);
        return fixture;
    }

    /// <summary>Two hosts over two hours and a bit of a third one, three days later.</summary>
    public static async Task<ExportFixture> CreateFilledAsync()
    {
        ExportFixture fixture = await CreateAsync();
        foreach (int number in (int[])[2, 1])
        {
            var agent = new TestAgent(number);
            fixture.Describe(agent);
            for (long at = Hour - 30_000; at < Hour + 30_000; at += 10_000) await fixture.WriteAsync(agent, agent.Frame(at, ticks: 10));
            await fixture.WriteAsync(agent, agent.Frame(Hour + (72 * StoredHours.HourMs), ticks: 5));
        }

        return fixture;
    }

    public static string FileOf(long hourMs) => $"/export/{new HourFile(new CrashFileSystem(), new ExportRequest { Directory = "/export" }, hourMs).RelativePath}";

    public void Describe(TestAgent agent) =>
        _partition.Describe(new RecordHeader { Tenant = "default", AgentId = agent.Id }, 0, [new("host.name", agent.HostName)]);

    public async Task WriteAsync(TestAgent agent, byte[] frame)
    {
        var record = new RecordHeader { Tenant = "default", AgentId = agent.Id, Epoch = agent.Epoch, StartNumber = 1 };
        Assert.Equal(EntryError.None, EntryHeader.TryRead(frame, out EntryHeader header));
        _record.Begin(record);
        _record.Add(frame, header.HeaderBytes);
        long position = await _log.Partition(LogClass.Live, 0).AppendAsync(_record.Index, _record.Record, CancellationToken.None);
        var stored = new StoreFrame
        {
            Record = record, Entry = header, Schema = agent.Schema, LastMs = header.LastGridMs, LogClass = LogClass.Live,
            Position = position + _record.Record.Length - frame.Length, Length = frame.Length,
        };
        _partition.Write([stored]);
    }

    /// <summary>Changes the last byte of the log: the frame written last no longer decodes.</summary>
    public void DamageLog()
    {
        string path = $"/log/live/0/{0:D20}.seg";
        byte[] log = _storeFiles.Read(path);
        log[^1] ^= 1;
        _storeFiles.Overwrite(path, log);
    }

    public async Task<ExportSummary> ExportAsync(ExportRequest? request = null) =>
        await new ExportRun(Target, Store, Store, Time, Reports.Add).RunAsync(request ?? new ExportRequest { Directory = "/export" }, TestContext.Current.CancellationToken);

    public void ForgetTarget() => Target = NewTarget();

    /// <summary>Every file of the export directory that is not a lock.</summary>
    public SortedDictionary<string, byte[]> Exported()
    {
        var all = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (long hour in Hours())
        {
            string file = FileOf(hour), directory = Path.GetDirectoryName(file)!;
            if (!Target.DirectoryExists(directory)) continue;
            foreach (string name in Target.ListFiles(directory)) all.Add($"{directory}/{name}", Target.Read($"{directory}/{name}"));
        }

        foreach (string name in Target.ListFiles("/export")) all.Add($"/export/{name}", Target.Read($"/export/{name}"));
        return all;
    }

    /// <summary>The rows of all files, hour by hour.</summary>
    public List<ExportedRow> Rows() => [.. Hours().Select(FileOf).Where(file => Target.DirectoryExists(Path.GetDirectoryName(file)!) && Target.FileExists(file)).SelectMany(file => ExportedRow.ReadAll(Target.Read(file)))];

    /// <summary>What the store holds, as rows in no particular order.</summary>
    public async Task<List<ExportedRow>> StoredAsync(params LabelMatcher[] matchers)
    {
        IReadOnlyList<SeriesSamples> read = await Store.ReadAsync(
            new SeriesSelection { Tenant = "default", Matchers = matchers, FromMs = 0, ToMs = long.MaxValue / 2 }, CancellationToken.None);
        return [.. read.SelectMany(static series => series.TimesMs.Zip(series.Values, (time, value) => new ExportedRow(
            time, series.Labels.Name, LabelText.Of(series.Labels), series.Labels["host_name"], series.Labels["host_id"], BitConverter.DoubleToUInt64Bits(value))))];
    }

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        await _log.DisposeAsync();
    }

    private static IEnumerable<long> Hours() => [Hour - StoredHours.HourMs, Hour, Hour + (72 * StoredHours.HourMs)];

    private static CrashFileSystem NewTarget()
    {
        var files = new CrashFileSystem();
        files.CreateDirectory("/");
        files.CreateDirectory("/export");
        return files;
    }
}
