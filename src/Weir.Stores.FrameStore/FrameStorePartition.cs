using Weir.Contracts;
using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>One partition: an index in memory from (host, group, time) to positions in the log, and the manifest.</summary>
/// <remarks>
/// Written by one writer, read by many queries; the lock is held for index work only, never while reading the log.
/// The index is a function of the log from the manifest's positions on, so nothing of it is on disk.
/// </remarks>
internal sealed class FrameStorePartition : IStorePartition
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, AgentId Agent), HotHost> _hosts = [];
    private readonly ManifestFile _manifest;
    private readonly FrameStore _store;

    /// <summary>Opens a partition.</summary>
    /// <exception cref="StoreFormatException">The manifest cannot be used.</exception>
    public FrameStorePartition(FrameStore store, ManifestFile manifest, SegmentLog live, SegmentLog backfill)
    {
        _store = store;
        _manifest = manifest;
        Live = live;
        Backfill = backfill;
    }

    /// <inheritdoc/>
    public StoreProgress Progress => _manifest.Current.Progress;

    /// <summary>Hosts in the index.</summary>
    public long HostCount
    {
        get
        {
            lock (_lock) return _hosts.Count;
        }
    }

    /// <summary>The log of fresh entries.</summary>
    public SegmentLog Live { get; }

    /// <summary>The log of backlog.</summary>
    public SegmentLog Backfill { get; }

    /// <summary>The log of a class.</summary>
    public SegmentLog Log(LogClass logClass) => logClass == LogClass.Live ? Live : Backfill;

    /// <inheritdoc/>
    public void Write(in StoreFrame frame)
    {
        var rank = new FrameRank(frame.Entry.ClockGeneration, frame.Record.StartNumber, frame.Entry.Seq, frame.Record.Epoch);
        var reference = new FrameRef(frame.Entry.FirstMs, frame.LastMs, frame.Position, frame.Length, frame.Entry.Ticks, frame.LogClass, rank);
        lock (_lock) Host(frame.Record).Group(frame.Schema).Add(reference, frame.Entry.IntervalMs);
    }

    /// <inheritdoc/>
    public void Describe(RecordHeader record, long fromMs, IReadOnlyList<SeriesAttribute> attributes)
    {
        lock (_lock) Host(record).Describe(attributes);
    }

    /// <inheritdoc/>
    public bool WantsAdvance(out LogPositions to) => _store.Retention.WantsAdvance(this, out to);

    /// <inheritdoc/>
    public void Advance(StoreProgress progress)
    {
        // Durable first: a crash before the truncation leaves segments that the next start truncates.
        _manifest.Replace(progress);
        lock (_lock)
        {
            foreach (HotHost host in _hosts.Values)
            {
                host.ForgetBefore(LogClass.Live, progress.Positions.Live);
                host.ForgetBefore(LogClass.Backfill, progress.Positions.Backfill);
            }
        }

        TruncateLogs();
    }

    /// <summary>Unlinks what lies before the manifest's positions.</summary>
    public void TruncateLogs()
    {
        Live.TruncateBefore(Progress.Positions.Live);
        Backfill.TruncateBefore(Progress.Positions.Backfill);
    }

    /// <summary>Runs under the lock over the hosts of a tenant.</summary>
    public void VisitHosts(string tenant, Action<HotHost> visit)
    {
        lock (_lock)
        {
            foreach (HotHost host in _hosts.Values)
                if (string.Equals(host.Tenant, tenant, StringComparison.Ordinal)) visit(host);
        }
    }

    /// <summary>Keeps decoded newest values, unless a newer frame has come since they were read.</summary>
    public void RememberLatest(HotGroup group, LatestValues latest, int framesSeen, long newestSeen)
    {
        lock (_lock)
        {
            if (group.FrameCount == framesSeen && group.NewestMs == newestSeen) group.Latest = latest;
        }
    }

    private HotHost Host(RecordHeader record)
    {
        var key = (record.Tenant, record.AgentId);
        if (_hosts.TryGetValue(key, out HotHost? host)) return host;
        return _hosts[key] = new HotHost(record.Tenant, record.AgentId);
    }
}
