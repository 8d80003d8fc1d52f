using System.Globalization;
using Weir.Contracts;
using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>The embedded store: keeps frames as they are in the embedded log and answers from there.</summary>
/// <remarks>Safe for concurrent reads beside one writer per partition.</remarks>
public sealed class FrameStore : IStore, ISeriesReader, IHostReader, IDisposable
{
    private readonly EmbeddedLog _log;
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly FrameStoreMetrics _metrics;
    private readonly FrameStorePartition?[] _partitions;

    /// <summary>Makes a store over a log.</summary>
    /// <param name="log">The log that holds the frames.</param>
    /// <param name="files">Where the manifests live.</param>
    /// <param name="directory">Directory of the manifests, one directory per partition below it.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">Clock, for retention.</param>
    public FrameStore(EmbeddedLog log, IFileSystem files, string directory, FrameStoreOptions options, TimeProvider time)
    {
        _log = log;
        _files = files;
        _directory = directory;
        _partitions = new FrameStorePartition?[log.PartitionCount];
        Retention = new Retention(options, time);
        _metrics = new FrameStoreMetrics(CountHosts, () => log.SizeBytes);
    }

    /// <inheritdoc/>
    public string Name => "frames";

    internal Retention Retention { get; }

    /// <inheritdoc/>
    /// <exception cref="StoreFormatException">The partition's manifest cannot be used.</exception>
    public IStorePartition OpenPartition(int partition)
    {
        SegmentLog live = _log.Partition(LogClass.Live, partition);
        SegmentLog backfill = _log.Partition(LogClass.Backfill, partition);
        string directory = Path.Combine(_directory, partition.ToString(CultureInfo.InvariantCulture));
        var opened = new FrameStorePartition(this, ManifestFile.Open(_files, directory, live, backfill), live, backfill);
        opened.TruncateLogs();
        _partitions[partition] = opened;
        Retention.Add(opened);
        return opened;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SeriesSamples>> ReadAsync(SeriesSelection selection, CancellationToken cancellationToken)
    {
        List<GroupPlan> plans = SeriesReadPlan.Make(Opened, selection);
        using var read = new SeriesRead(selection, _metrics);
        return ValueTask.FromResult<IReadOnlyList<SeriesSamples>>(read.Run(plans, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Labels>> FindSeriesAsync(SeriesSelection selection, CancellationToken cancellationToken)
    {
        var found = new HashSet<Labels>();
        foreach (GroupPlan plan in SeriesReadPlan.Make(Opened, selection with { LatestOnly = true }))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (int series in plan.Series) found.Add(plan.LabelsOf(series));
        }

        return ValueTask.FromResult<IReadOnlyList<Labels>>([.. found]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostInfo> Hosts(string tenant)
    {
        var hosts = new List<HostInfo>();
        foreach (FrameStorePartition partition in Opened) partition.VisitHosts(tenant, host => hosts.Add(host.Info()));
        return hosts;
    }

    /// <inheritdoc/>
    public void Dispose() => _metrics.Dispose();

    private IEnumerable<FrameStorePartition> Opened => _partitions.OfType<FrameStorePartition>();

    private long CountHosts() => Opened.Sum(static partition => partition.HostCount);
}
