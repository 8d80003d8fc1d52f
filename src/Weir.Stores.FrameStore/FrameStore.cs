using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Contracts;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;
using Weir.Stores.FrameStore.Upkeep;

namespace Weir.Stores.FrameStore;

/// <summary>The embedded store: keeps frames as they are in the embedded log, seals them into parts in the background, and answers from both.</summary>
/// <remarks>Safe for concurrent reads beside one writer per partition and one <see cref="RunAsync"/>.</remarks>
public sealed class FrameStore : IStore, ISeriesReader, IHostReader, IDisposable
{
    private readonly EmbeddedLog _log;
    private readonly string _directory;
    private readonly FrameStorePartition?[] _partitions;

    /// <summary>Makes a store over a log.</summary>
    /// <param name="log">The log that holds the frames.</param>
    /// <param name="files">Where manifests and parts live.</param>
    /// <param name="reserve">The reserve of their disk: what makes room is written into it where the disk is full, and nothing else. Null for none.</param>
    /// <param name="directory">Their directory, one directory per partition below it.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">Clock, for sealing, merging and retention.</param>
    /// <param name="loggers">Messages; null for none.</param>
    public FrameStore(EmbeddedLog log, IFileSystem files, DiskReserve? reserve, string directory, FrameStoreOptions options, TimeProvider time, ILoggerFactory? loggers = null)
    {
        _log = log;
        Files = reserve is null ? files : new ReservedFileSystem(files, reserve);
        PlainFiles = files;
        Reserve = reserve;
        _directory = directory;
        Options = options;
        Time = time;
        Logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<FrameStore>();
        _partitions = new FrameStorePartition?[log.PartitionCount];
        Retention = new Retention(options, time);
        Metrics = new FrameStoreMetrics(
            () => Opened.Sum(static partition => partition.HostCount),
            () => log.SizeBytes,
            () => Opened.Sum(static partition => partition.Parts.Count),
            () => Opened.Sum(static partition => partition.Parts.Sum(static part => part.Info.Bytes)),
            () => Opened.Sum(static partition => partition.Parts.Sum(static part => part.Info.Samples)),
            () => Opened.Sum(static partition => partition.Parts.Count(static part => part.Damage != PartDamage.None)));
    }

    /// <inheritdoc/>
    public string Name => "frames";

    /// <summary>For what must be written although the disk is full.</summary>
    internal IFileSystem Files { get; }

    /// <summary>The same without the reserve.</summary>
    internal IFileSystem PlainFiles { get; }

    internal DiskReserve? Reserve { get; }

    internal FrameStoreOptions Options { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal FrameStoreMetrics Metrics { get; }

    internal Retention Retention { get; }

    internal SchemaTable Schemas { get; } = new();

    internal BaselineCache Baselines { get; } = new();

    internal IEnumerable<FrameStorePartition> Opened => _partitions.OfType<FrameStorePartition>();

    /// <inheritdoc/>
    /// <exception cref="StoreFormatException">The partition's manifest cannot be used.</exception>
    public IStorePartition OpenPartition(int partition)
    {
        SegmentLog live = _log.Partition(LogClass.Live, partition);
        SegmentLog backfill = _log.Partition(LogClass.Backfill, partition);
        string directory = Path.Combine(_directory, partition.ToString(CultureInfo.InvariantCulture));
        ManifestFile manifest = ManifestFile.Open(Files, directory, live, backfill);
        int deleted = manifest.DeleteUnnamed();
        if (deleted > 0) Logger.UnnamedDeleted(partition, deleted);
        var opened = new FrameStorePartition(this, partition, manifest, live, backfill);
        opened.TruncateLogs(opened.Progress.Positions);
        _partitions[partition] = opened;
        Retention.Add(opened);
        return opened;
    }

    /// <summary>Seals, merges and gives up in the background, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var upkeep = new StoreUpkeep(this);
        using var timer = new PeriodicTimer(Options.UpkeepInterval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) await upkeep.StepAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was being written is a draft, and has been removed.
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SeriesSamples>> ReadAsync(SeriesSelection selection, CancellationToken cancellationToken)
    {
        using ReadPlan plan = ReadPlan.Make(Opened, selection);
        NameGaps(selection);
        using var read = new SeriesRead(this, selection);
        return ValueTask.FromResult<IReadOnlyList<SeriesSamples>>(read.Run(plan.Hosts, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Labels>> FindSeriesAsync(SeriesSelection selection, CancellationToken cancellationToken)
    {
        NameGaps(selection);
        var found = new HashSet<Labels>();
        using ReadPlan plan = ReadPlan.Make(Opened, selection with { LatestOnly = true });
        foreach (HostPlan host in plan.Hosts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (SchemaPlan schema in host.Schemas.Values)
                foreach (int series in schema.Series) found.Add(host.LabelsOf(schema, series));
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
    public void Dispose() => Metrics.Dispose();

    private void NameGaps(SeriesSelection selection)
    {
        if (selection.Gaps is not { } gaps) return;
        foreach (FrameStorePartition partition in Opened) partition.NameGaps(gaps, selection.FromMs, selection.ToMs);
    }
}
