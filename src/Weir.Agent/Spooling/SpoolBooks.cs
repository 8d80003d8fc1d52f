using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>What the spool holds, as intervals per epoch and segment: its size does not grow with the backlog, only with segments, epochs and objects.</summary>
/// <remarks>Thread-safe: one lock, never held across I/O. Rebuilt from indexes at start; nothing here is the only copy of anything but acks.</remarks>
internal sealed class SpoolBooks
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, EpochBook> _epochs = [];
    private readonly List<SegmentBook> _segments = [];
    private readonly Dictionary<ulong, List<SpooledEntry>> _objects = [];
    private readonly List<DeclaredLoss> _losses = [];
    private bool _acksChanged;

    /// <summary>The epochs with entries in the spool, oldest start first.</summary>
    public IReadOnlyList<OpenEpochInfo> Epochs
    {
        get
        {
            lock (_lock)
                return [.. _epochs.Values.OrderBy(static book => book.StartNumber).Select(static book => new OpenEpochInfo(book.Epoch, book.StartNumber, book.OldestUnsettled, book.LastSeq))];
        }
    }

    /// <summary>Entries that are not settled.</summary>
    public long Unsettled
    {
        get
        {
            lock (_lock) return _epochs.Values.Sum(static book => (long)book.Unsettled);
        }
    }

    /// <summary>Takes an epoch into the books; the one that is there where it is known.</summary>
    public EpochBook Open(ulong epoch, uint startNumber)
    {
        lock (_lock)
        {
            if (_epochs.TryGetValue(epoch, out EpochBook? book)) return book;
            return _epochs[epoch] = new EpochBook(epoch, startNumber);
        }
    }

    /// <summary>Whether the books have an epoch.</summary>
    public bool Knows(ulong epoch)
    {
        lock (_lock) return _epochs.ContainsKey(epoch);
    }

    /// <summary>Takes note of a durable entry.</summary>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="segmentStart">First position of the segment it stands in.</param>
    /// <param name="lastTickMs">Time of its last tick, where it is a frame.</param>
    public void Add(EpochBook epoch, in SpooledEntry entry, long segmentStart, long lastTickMs)
    {
        lock (_lock)
        {
            _epochs.TryAdd(epoch.Epoch, epoch);
            epoch.LastSeq = Math.Max(epoch.LastSeq, entry.Seq);
            if (entry.Header.Kind == EntryKind.Samples) epoch.TakeTick(entry.Header.ClockGeneration, lastTickMs);
            if (entry.Header.Kind == EntryKind.Object) AddCopy(entry);
            BookOf(segmentStart).Add(epoch, entry.Seq, entry.Seq);
            _acksChanged = true;
        }
    }

    /// <summary>Takes note of a run of durable entries; their objects follow by <see cref="AddObject"/>.</summary>
    public void Add(EpochBook epoch, SummaryRun run, long segmentStart)
    {
        lock (_lock)
        {
            epoch.LastSeq = Math.Max(epoch.LastSeq, run.Last);
            if (run.LastTickMs > 0) epoch.TakeTick(run.Generation, run.LastTickMs);
            BookOf(segmentStart).Add(epoch, run.First, run.Last);
        }
    }

    /// <summary>Takes note of a copy of an object.</summary>
    public void AddObject(in SpooledEntry copy)
    {
        lock (_lock) AddCopy(copy);
    }

    /// <summary>Whether an entry needs no sending any more.</summary>
    public bool IsSettled(ulong epoch, ulong seq)
    {
        lock (_lock) return !_epochs.TryGetValue(epoch, out EpochBook? book) || book.Settled.Contains(seq);
    }

    /// <summary>The entries of a range that are not settled, as ranges.</summary>
    public IReadOnlyList<EntryRange> UnsettledOf(in EntryRange range)
    {
        lock (_lock)
        {
            return _epochs.TryGetValue(range.Epoch, out EpochBook? book) ? UnsettledOf(book, range.First, range.Last) : [];
        }
    }

    /// <summary>The gateway has these entries: what tombstones among them declare is said.</summary>
    public void Settle(ulong epoch, ulong first, ulong last)
    {
        lock (_lock)
        {
            Mark(epoch, first, last);
            _losses.RemoveAll(loss => loss.Epoch == epoch && loss.Seq >= first && loss.Seq <= last);
        }
    }

    /// <summary>These entries have been declared lost, or left the spool before.</summary>
    public void GiveUp(ulong epoch, ulong first, ulong last)
    {
        lock (_lock) Mark(epoch, first, last);
    }

    /// <summary>A tombstone declares a loss that no gateway has heard of.</summary>
    public void Declare(in DeclaredLoss loss)
    {
        lock (_lock)
        {
            Mark(loss.Lost.Epoch, loss.Lost.First, loss.Lost.Last);
            _losses.Add(loss);
            _acksChanged = true;
        }
    }

    /// <summary>A tombstone in the spool declares a loss; where it is settled, somebody has heard of it.</summary>
    public void DeclareUnlessSettled(in DeclaredLoss loss)
    {
        lock (_lock)
        {
            if (IsSettled(loss.Epoch, loss.Seq)) Mark(loss.Lost.Epoch, loss.Lost.First, loss.Lost.Last);
            else Declare(loss);
        }
    }

    /// <summary>Losses whose tombstone was itself given up before a gateway had it, and that no other tombstone in the spool declares.</summary>
    public IReadOnlyList<DeclaredLoss> Undeclared()
    {
        lock (_lock)
        {
            List<DeclaredLoss> standing = _losses.FindAll(loss => !IsSettled(loss.Epoch, loss.Seq));
            if (standing.Count == _losses.Count) return [];
            _losses.RemoveAll(loss => !standing.Contains(loss) && standing.Exists(other => loss.IsWithin(other)));
            return [.. _losses.Except(standing)];
        }
    }

    /// <summary>A loss is declared by another tombstone now, or its tombstone is one that no gateway takes.</summary>
    public void Forget(ulong epoch, ulong seq)
    {
        lock (_lock)
            if (_losses.RemoveAll(loss => loss.Epoch == epoch && loss.Seq == seq) > 0) _acksChanged = true;
    }

    /// <summary>Has entries count as unsettled again, as far as the spool holds them.</summary>
    /// <returns>The seqs held, and how many of those asked for are not.</returns>
    public (SeqSet Held, ulong Gone) Unsettle(ulong epoch, IEnumerable<(ulong First, ulong Last)> ranges)
    {
        lock (_lock)
        {
            var held = new SeqSet();
            ulong asked = 0, found = 0;
            foreach ((ulong first, ulong last) in ranges)
            {
                if (last < first) continue;
                asked += last - first + 1;
                foreach ((EpochBook book, ulong from, ulong to) in _segments.SelectMany(static segment => segment.Ranges))
                    if (book.Epoch == epoch && Math.Max(first, from) <= Math.Min(last, to)) held.Add(Math.Max(first, from), Math.Min(last, to));
            }

            foreach ((ulong first, ulong last) in held.Ranges)
            {
                found += last - first + 1;
                _epochs[epoch].Settled.Remove(first, last);
                _acksChanged = true;
            }

            return (held, asked - Math.Min(found, asked));
        }
    }

    /// <summary>Start of the first segment that holds anything unsettled; null where there is none.</summary>
    public long? FirstUnsettledSegment()
    {
        lock (_lock) return _segments.Find(static segment => !segment.IsSettled)?.Start;
    }

    /// <summary>Start of the first segment that holds one of these seqs; null where none does.</summary>
    public long? SegmentOf(ulong epoch, ulong first, ulong last)
    {
        lock (_lock) return _segments.Find(segment => segment.Touches(epoch, first, last))?.Start;
    }

    /// <summary>Starts of all segments, oldest first.</summary>
    public long[] SegmentStarts()
    {
        lock (_lock) return [.. _segments.Select(static segment => segment.Start)];
    }

    /// <summary>Whether everything in the oldest segment is settled.</summary>
    public bool IsOldestSettled()
    {
        lock (_lock) return _segments.Count == 0 || _segments[0].IsSettled;
    }

    /// <summary>The copies of an object, newest last.</summary>
    public IReadOnlyList<SpooledEntry> CopiesOf(ulong objectId)
    {
        lock (_lock) return _objects.TryGetValue(objectId, out List<SpooledEntry>? copies) ? [.. copies] : [];
    }

    /// <summary>A copy of an object is of no use.</summary>
    public void ForgetObject(in SpooledEntry copy)
    {
        lock (_lock)
            if (_objects.TryGetValue(copy.Header.ObjectId, out List<SpooledEntry>? copies)) copies.Remove(copy);
    }

    /// <summary>Which entries a segment should hold, those that are settled left out.</summary>
    public IReadOnlyList<EntryRange> UnsettledOf(long segmentStart)
    {
        lock (_lock)
        {
            IReadOnlyList<(EpochBook Epoch, ulong First, ulong Last)> ranges = _segments.Find(segment => segment.Start == segmentStart)?.Ranges ?? [];
            return [.. ranges.SelectMany(static range => UnsettledOf(range.Epoch, range.First, range.Last))];
        }
    }

    /// <summary>Forgets what stood before a position: those segments are unlinked.</summary>
    public void ForgetBefore(long position, ulong currentEpoch)
    {
        lock (_lock)
        {
            int gone = _segments.FindIndex(segment => segment.Start >= position);
            _segments.RemoveRange(0, gone < 0 ? _segments.Count : gone);
            HashSet<ulong> held = [currentEpoch, .. _segments.SelectMany(static segment => segment.Ranges).Select(static range => range.Epoch.Epoch)];
            foreach (ulong epoch in _epochs.Keys.Where(epoch => !held.Contains(epoch)).ToArray()) _epochs.Remove(epoch);
            foreach ((ulong id, List<SpooledEntry> copies) in _objects.ToArray())
            {
                copies.RemoveAll(copy => copy.Position < position);
                if (copies.Count == 0) _objects.Remove(id);
            }

            _acksChanged = true;
        }
    }

    /// <summary>The books in the form of <see cref="AckFile"/>; null where nothing changed since the last call.</summary>
    /// <param name="end">How far the spool reaches.</param>
    public byte[]? TakeAcks(long end)
    {
        lock (_lock)
        {
            if (!_acksChanged) return null;
            _acksChanged = false;
            return AckFile.Encode(end, _epochs.Values, _losses);
        }
    }

    /// <summary>The acks could not be written: they are still to be.</summary>
    public void KeepAcks()
    {
        lock (_lock) _acksChanged = true;
    }

    private void Mark(ulong epoch, ulong first, ulong last)
    {
        if (!_epochs.TryGetValue(epoch, out EpochBook? book) || first == 0 || first > book.LastSeq || last < first) return;
        book.Settled.Add(first, Math.Min(last, book.LastSeq));
        _acksChanged = true;
    }

    private static List<EntryRange> UnsettledOf(EpochBook book, ulong first, ulong last)
    {
        var open = new SeqSet();
        open.Add(first, last);
        foreach ((ulong from, ulong to) in book.Settled.Ranges) open.Remove(from, to);
        return [.. open.Ranges.Select(each => new EntryRange(book.Epoch, book.StartNumber, each.First, each.Last))];
    }

    private void AddCopy(in SpooledEntry copy)
    {
        if (!_objects.TryGetValue(copy.Header.ObjectId, out List<SpooledEntry>? copies)) _objects[copy.Header.ObjectId] = copies = [];
        copies.Add(copy);
    }

    private SegmentBook BookOf(long segmentStart)
    {
        if (_segments.Count == 0 || _segments[^1].Start < segmentStart) _segments.Add(new SegmentBook(segmentStart));
        return _segments[^1];
    }
}
