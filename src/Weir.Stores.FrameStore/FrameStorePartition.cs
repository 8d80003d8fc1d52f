using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>One partition: an index in memory from (host, group, time) to positions in the log, the parts, and the manifest.</summary>
/// <remarks>
/// Written by one writer and one upkeep, read by many queries; the lock is held for index work only, never while reading the log or a part.
/// The hot index is a function of the log from the manifest's positions on, so nothing of it is on disk. At every moment a sample stands either in the hot index or in a
/// part that the manifest names, and the change from one to the other happens under the lock.
/// </remarks>
internal sealed class FrameStorePartition : IStorePartition
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AgentKey, HotHost> _hosts = [];
    private readonly List<HotHost> _byOrdinal = [];
    private readonly List<HotHost> _writing = [];
    private readonly Queue<(long TimeMs, LogPositions Positions)> _marks = [];
    private readonly List<string> _doubtful = [];
    private readonly FrameStore _store;
    private Part[] _parts = [];
    private LogPositions _reached;
    private PendingSeal? _pending;
    private LogPositions _sealingTo;
    private bool _isSpoiled;
    private readonly FoundDamage _damage = new();
    private MissingEntries[] _missing = [];
    private bool _hasLate;
    private LogPositions _sealNotBefore;

    /// <summary>Opens a partition and its parts.</summary>
    /// <exception cref="StoreFormatException">The manifest cannot be used.</exception>
    public FrameStorePartition(FrameStore store, int number, ManifestFile manifest, SegmentLog live, SegmentLog backfill)
    {
        _store = store;
        Number = number;
        Manifest = manifest;
        Live = live;
        Backfill = backfill;
        _reached = Progress.Positions;
        Reads = new ReadGenerations(failure =>
        {
            store.Metrics.UpkeepFailed("unlink");
            store.Logger.UnlinkFailed(failure, number);
        });
        _parts = InOrder([.. manifest.Current.Parts.Select(OpenPart)]);
    }

    /// <summary>Its number.</summary>
    public int Number { get; }

    /// <summary>Its manifest.</summary>
    public ManifestFile Manifest { get; }

    /// <inheritdoc/>
    public StoreProgress Progress => Manifest.Current.Progress;

    /// <summary>Readers that may still use what is no longer in the index.</summary>
    public ReadGenerations Reads { get; }

    /// <summary>Hosts in the index.</summary>
    public int HostCount
    {
        get
        {
            lock (_lock) return _byOrdinal.Count;
        }
    }

    /// <summary>The parts, in order of their hours, then numbers. Replaced, never changed.</summary>
    public IReadOnlyList<Part> Parts => Volatile.Read(ref _parts);

    /// <summary>The log of fresh entries.</summary>
    public SegmentLog Live { get; }

    /// <summary>The log of backlog.</summary>
    public SegmentLog Backfill { get; }

    /// <summary>Bytes of log and parts.</summary>
    public long SizeBytes => Live.SizeBytes + Backfill.SizeBytes + Parts.Sum(static part => part.Info.Bytes);

    /// <summary>Bytes of log behind the manifest's positions.</summary>
    public long UnsealedBytes => Math.Max(0, Live.DurableEnd - Progress.Positions.Live) + Math.Max(0, Backfill.DurableEnd - Progress.Positions.Backfill);

    /// <summary>Whether a seal waits for the writer to move the progress.</summary>
    public bool HasPendingSeal => Volatile.Read(ref _pending) is not null;

    /// <summary>The log of a class.</summary>
    public SegmentLog Log(LogClass logClass) => logClass == LogClass.Live ? Live : Backfill;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<StoreFrame> frames)
    {
        lock (_lock)
        {
            // Hosts lie far apart in memory: looked up in a row, one look-up need not wait for the other.
            _writing.Clear();
            foreach (ref readonly StoreFrame frame in frames) _writing.Add(Host(frame.Record.Tenant, frame.Record.AgentId));
            for (int i = 0; i < frames.Length; i++) Write(_writing[i], frames[i]);
        }
    }

    /// <inheritdoc/>
    public void Describe(in RecordHeader record, long fromMs, IReadOnlyList<SeriesAttribute> attributes)
    {
        lock (_lock) Host(record.Tenant, record.AgentId).Describe(attributes);
    }

    /// <inheritdoc/>
    public void Reached(LogPositions positions)
    {
        lock (_lock)
        {
            _reached = positions;
            if (_hasLate) (_hasLate, _sealNotBefore) = (false, positions);
        }
    }

    /// <inheritdoc/>
    public bool WantsAdvance(out LogPositions to)
    {
        if (Volatile.Read(ref _pending) is { } pending && !TryDiscard(pending))
        {
            to = pending.To;
            return true;
        }

        return _store.Retention.WantsAdvance(this, out to);
    }

    /// <inheritdoc/>
    public void Advance(StoreProgress progress)
    {
        if (!progress.Positions.Cover(Progress.Positions))
            throw new ArgumentException($"partition {Number} stands at {Progress.Positions} and cannot go back to {progress.Positions}", nameof(progress));
        PendingSeal? pending = Volatile.Read(ref _pending);
        bool isSeal = pending?.To == progress.Positions;
        IReadOnlyList<Part> added = isSeal ? pending!.Parts : [];
        // Durable first: a crash before the truncation leaves segments that the next start truncates.
        Manifest.Replace(manifest => manifest with { Progress = progress, Parts = [.. manifest.Parts, .. added.Select(static part => part.Info)] });
        lock (_lock)
        {
            _parts = InOrder([.. _parts, .. added]);
            foreach (HotHost host in _byOrdinal) host.Forget(frame => frame.Position < progress.Positions.Of(frame.LogClass));
        }

        if (isSeal) Volatile.Write(ref _pending, null);
        // Up to here and no further, whenever it comes to it: a reader that begins later may need what a later seal gives up.
        Reads.Retire(() => TruncateLogs(progress.Positions));
    }

    /// <summary>Entries that damage took, as the writer says. Replaced, never changed.</summary>
    public IReadOnlyList<MissingEntries> Missing => Volatile.Read(ref _missing);

    /// <inheritdoc/>
    public IReadOnlyList<DamagedFrame> TakeDamaged() => _damage.Take();

    /// <inheritdoc/>
    public void Forget(IReadOnlyList<DamagedFrame> frames)
    {
        lock (_lock)
        {
            foreach (IGrouping<AgentKey, DamagedFrame> damaged in frames.GroupBy(static frame => frame.Agent))
            {
                if (!_hosts.TryGetValue(damaged.Key, out HotHost? host)) continue;
                var places = new HashSet<(LogClass, long)>(damaged.Select(static frame => (frame.LogClass, frame.Position)));
                host.Forget(frame => places.Contains((frame.LogClass, frame.Position)));
            }

            // What is being sealed may hold one that a failing disk did give: its copy would be stored beside it.
            foreach (DamagedFrame frame in frames) _isSpoiled |= frame.Position < _sealingTo.Of(frame.LogClass);
        }
    }

    /// <inheritdoc/>
    public void TakeMissing(IReadOnlyList<MissingEntries> missing) => Volatile.Write(ref _missing, [.. missing]);

    /// <summary>A frame could not be read where it stands in the log: the writer is told.</summary>
    public void FoundDamaged(string tenant, AgentId agent, in FrameRef frame) =>
        _damage.Add(new DamagedFrame(new AgentKey(tenant, agent), frame.Rank.Epoch, frame.Rank.Seq, frame.LogClass, frame.Position, frame.Length, frame.FirstMs, frame.LastMs));

    /// <summary>A seal up to some positions begins.</summary>
    /// <returns>
    /// False where nothing may be sealed up to there yet: the progress is as far or further (marks of before an urgent seal lie before it, and the log there has gone), or
    /// a frame that had waited for its objects came later than that.
    /// </returns>
    public bool TryBeginSeal(LogPositions to)
    {
        lock (_lock)
        {
            if (to == Progress.Positions || !to.Cover(Progress.Positions)) return false;
            // A late frame is sealed up to behind what released it, or the writer's snapshot would not know it: its copy would be stored again.
            if (_hasLate || !to.Cover(_sealNotBefore)) return false;
            (_sealingTo, _isSpoiled) = (to, false);
        }

        // What comes from now on stands apart from what is sealed: segments that are sealed whole go with this seal or the next.
        Live.EndSegment();
        Backfill.EndSegment();
        return true;
    }

    /// <summary>Makes finished parts wait for the writer.</summary>
    public void Offer(PendingSeal pending) => Volatile.Write(ref _pending, pending);

    /// <summary>Unlinks what lies before positions that the manifest has reached.</summary>
    public void TruncateLogs(LogPositions before)
    {
        Live.TruncateBefore(before.Live);
        Backfill.TruncateBefore(before.Backfill);
    }

    /// <summary>Puts parts in the place of others: in the manifest, then in the index; then the files of those that went are unlinked.</summary>
    /// <param name="old">The parts that go.</param>
    /// <param name="expected">What the manifest said of each when it was read.</param>
    /// <param name="merged">What stands for them; null where they are given up.</param>
    /// <returns>False where the manifest no longer says that of the old parts: nothing has been done.</returns>
    /// <exception cref="IOException">The manifest cannot be written: the old ones stay, and the file of the new one too, since a start may find it named.</exception>
    public bool TryReplace(IReadOnlyList<Part> old, IReadOnlyList<PartInfo> expected, Part? merged)
    {
        var gone = new HashSet<Part>(old);
        bool replaced = false;
        try
        {
            Manifest.Replace(manifest =>
            {
                replaced = expected.All(info => manifest.Parts.Contains(info));
                if (!replaced) return manifest;
                IEnumerable<PartInfo> kept = manifest.Parts.Where(info => !expected.Contains(info));
                return manifest with { Parts = merged is null ? [.. kept] : [.. kept, merged.Info] };
            });
        }
        catch when (merged is not null)
        {
            // The file may name it or not.
            _doubtful.Add(merged.Path);
            throw;
        }

        if (!replaced) return false;
        lock (_lock)
        {
            IEnumerable<Part> kept = _parts.Where(part => !gone.Contains(part));
            _parts = InOrder(merged is null ? [.. kept] : [.. kept, merged]);
        }

        Reads.Retire(() => Unlink(old));
        return true;
    }

    /// <summary>Unlinks what replacements that failed may have named, once the manifest certainly does not. Not beside <see cref="TryReplace"/>.</summary>
    /// <exception cref="IOException">The manifest cannot be written still: they stay, and nothing must be added to them.</exception>
    public void UnlinkDoubtful()
    {
        if (_doubtful.Count == 0) return;
        Manifest.Settle();
        Unlink(_doubtful);
        _doubtful.Clear();
    }

    /// <summary>Takes samples of a part out of sight, durably, without rewriting it.</summary>
    /// <returns>False where the manifest no longer names the part: it has been merged or given up, and what is in its place is to be looked at.</returns>
    /// <exception cref="IOException">The disk does not take it: a start may find the samples out of sight or not.</exception>
    public bool TryExclude(Part part, Exclusion exclusion)
    {
        long number = part.Info.Number;
        bool isNamed = false;
        // By number, since another exclusion may have changed the rest meanwhile.
        Manifest.Replace(manifest => manifest with
        {
            Parts = [.. manifest.Parts.Select(info =>
            {
                if (info.Number != number) return info;
                isNamed = true;
                return info with { Exclusions = [.. info.Exclusions, exclusion] };
            })],
        });
        lock (_lock)
        {
            // What is in force now, which may be newer than what was written here.
            if (Manifest.Current.Parts.FirstOrDefault(info => info.Number == number) is { } info) part.Info = info;
        }

        return isNamed;
    }

    /// <summary>Remembers where the writer is now; asked for what it had reached some time ago.</summary>
    /// <returns>The newest positions that are at least as old as <paramref name="age"/>; those of the manifest where there are none.</returns>
    public LogPositions Mark(long nowMs, TimeSpan age)
    {
        lock (_lock)
        {
            _marks.Enqueue((nowMs, _reached));
            LogPositions found = Progress.Positions;
            while (_marks.TryPeek(out (long TimeMs, LogPositions Positions) mark) && mark.TimeMs <= nowMs - (long)age.TotalMilliseconds)
            {
                found = mark.Positions;
                // The one that counts now stays until a younger one does.
                if (_marks.Count < 2 || _marks.ElementAt(1).TimeMs > nowMs - (long)age.TotalMilliseconds) break;
                _marks.Dequeue();
            }

            return found;
        }
    }

    /// <summary>What the writer has handed over.</summary>
    public LogPositions ReachedPositions
    {
        get
        {
            lock (_lock) return _reached;
        }
    }

    /// <summary>Opens a part that the manifest names and takes in what it says of hosts.</summary>
    public Part OpenPart(PartInfo info)
    {
        Part part = Open(info);
        if (part.Damage != PartDamage.None) _store.Logger.PartDamaged(Number, part.Path, part.Damage);
        return part;
    }

    /// <summary>Gives a finished part its name and opens it as a start would: for it a log or other parts are about to be given up.</summary>
    /// <exception cref="IOException">It cannot be opened: no manifest names it, and its file has been removed.</exception>
    public Part Publish(PartWriter writer, PartInfo info)
    {
        try
        {
            writer.Publish();
            Part part = Open(info);
            return part.Damage == PartDamage.None ? part : throw new IOException($"{part.Path} cannot be opened right after it was written: {part.Damage}");
        }
        catch
        {
            Unlink([writer.Path]);
            throw;
        }
    }

    /// <summary>Runs under the lock over the hosts of a tenant.</summary>
    public void VisitHosts(string tenant, Action<HotHost> visit)
    {
        lock (_lock)
        {
            foreach (HotHost host in _byOrdinal)
                if (string.Equals(host.Tenant, tenant, StringComparison.Ordinal)) visit(host);
        }
    }

    /// <summary>Begins to read: runs under the lock over the hosts of a tenant, and keeps what they name from being unlinked until the lease is disposed.</summary>
    public IDisposable BeginRead(string tenant, Action<HotHost, IReadOnlyList<Part>> visit)
    {
        lock (_lock)
        {
            IDisposable lease = Reads.Enter();
            try
            {
                VisitHosts(tenant, host => visit(host, _parts));
                return lease;
            }
            catch
            {
                lease.Dispose();
                throw;
            }
        }
    }

    /// <summary>Names the parts of a time range that cannot be used, those with frames that could not be decoded, and frames that damage took.</summary>
    public void NameGaps(ReadGaps gaps, long fromMs, long toMs)
    {
        foreach (Part part in Parts)
        {
            PartInfo info = part.Info;
            if (part.Damage != PartDamage.None && info.FirstMs <= toMs && info.LastMs >= fromMs)
                gaps.Add(FormattableString.Invariant($"part {info.Number} of partition {Number} ({part.Damage})"));
            if (part.HasUnreadableFrames && info.HourMs <= toMs && info.HourMs + PartFormat.HourMs > fromMs)
                gaps.Add(FormattableString.Invariant($"a frame that part {info.Number} of partition {Number} keeps undecoded"));
        }

        foreach (MissingEntries missing in Missing)
        {
            if (missing.FromMs > 0 && missing.FromMs <= toMs && missing.ToMs >= fromMs)
                gaps.Add(FormattableString.Invariant($"entry {missing.First} of epoch {missing.Epoch:x16} of host {missing.Agent.Agent} ({(missing.IsLost ? "lost" : "asked for again")})"));
        }
    }

    /// <summary>Runs under the lock over one host.</summary>
    public T Visit<T>(int ordinal, Func<HotHost, T> visit)
    {
        lock (_lock) return visit(_byOrdinal[ordinal]);
    }

    /// <summary>Keeps decoded newest values, unless a newer frame has come since they were read.</summary>
    public void RememberLatest(HotGroup group, LatestValues latest, int version)
    {
        lock (_lock) group.Remember(latest, version);
    }

    /// <summary>Deletes the files of parts that no manifest names.</summary>
    public void Unlink(IReadOnlyList<Part> parts) => Unlink(parts.Select(static part => part.Path));

    private static Part[] InOrder(Part[] parts)
    {
        Array.Sort(parts, static (a, b) => a.Info.HourMs != b.Info.HourMs ? a.Info.HourMs.CompareTo(b.Info.HourMs) : a.Info.Number.CompareTo(b.Info.Number));
        return parts;
    }

    private Part Open(PartInfo info) => Part.Open(_store.Files, Manifest.PartsDirectory, info, _store.Schemas, row =>
    {
        lock (_lock)
        {
            HotHost host = Host(row.Tenant, row.Agent);
            host.Learn(row);
            return host.Ordinal;
        }
    });

    private void Unlink(IEnumerable<string> paths)
    {
        foreach (string path in paths)
            if (_store.Files.FileExists(path)) _store.Files.Delete(path);
        _store.Files.SyncDirectory(Manifest.PartsDirectory);
    }

    private void Write(HotHost host, in StoreFrame frame)
    {
        var rank = new FrameRank(frame.Entry.ClockGeneration, frame.Record.StartNumber, frame.Entry.Seq, frame.Record.Epoch);
        var reference = new FrameRef(frame.Entry.FirstMs, frame.LastMs, frame.Position, frame.Length, frame.Entry.Ticks, frame.LogClass, rank, frame.Baseline);
        // A frame that waited for its objects may stand in a range that is being sealed without it. Frames come in batches, and the writer says how far it is
        // behind each turn: one that waited within its turn only is not late, as no seal ends there.
        _hasLate |= frame.Position < _reached.Of(frame.LogClass);
        _isSpoiled |= frame.Position < _sealingTo.Of(frame.LogClass);
        host.Group(frame.Schema, _store.Schemas).Add(reference, frame.Entry.IntervalMs);
    }

    private bool TryDiscard(PendingSeal pending)
    {
        lock (_lock)
        {
            if (!_isSpoiled) return false;
        }

        // An advance that failed may have named its parts.
        Manifest.Settle();
        Volatile.Write(ref _pending, null);
        Unlink(pending.Parts);
        return true;
    }

    private HotHost Host(string tenant, AgentId agent)
    {
        var key = new AgentKey(tenant, agent);
        if (_hosts.TryGetValue(key, out HotHost? host)) return host;
        host = new HotHost(tenant, agent, _byOrdinal.Count);
        _byOrdinal.Add(host);
        return _hosts[key] = host;
    }
}
