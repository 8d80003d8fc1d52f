using System.Numerics;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <content>What the uplink needs of the spool.</content>
internal sealed partial class AgentStore
{
    private readonly Lock _savingAcks = new();
    private long _acksNotSaved;
    private long _savedAtEnd = -1;
    private long _notGiven;
    private long _end;

    /// <summary>Raised after each entry that became durable, on the appender's thread: handlers must be quick and must not fail.</summary>
    public event Action? Appended;

    /// <summary>The epochs with entries in the spool, oldest start first.</summary>
    public IReadOnlyList<OpenEpochInfo> OpenEpochs => _books.Epochs;

    /// <summary>The epoch that new entries belong to.</summary>
    public ulong CurrentEpoch => _epoch.Epoch;

    /// <summary>Entries that are not settled.</summary>
    public long UnsettledEntries => _books.Unsettled;

    /// <summary>Everything below is durable and in the books: what stands there may be sent, and an ack for it is understood.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Whether an entry needs no sending any more.</summary>
    public bool IsSettled(ulong epoch, ulong seq) => _books.IsSettled(epoch, seq);

    /// <summary>The gateway has these entries.</summary>
    public void Settle(ulong epoch, ulong first, ulong last) => _books.Settle(epoch, first, last);

    /// <summary>These entries are to be sent again, as far as the spool still holds them.</summary>
    /// <returns>The seqs held, and how many of those asked for are not.</returns>
    public (SeqSet Held, ulong Gone) Unsettle(ulong epoch, IEnumerable<(ulong First, ulong Last)> ranges) => _books.Unsettle(epoch, ranges);

    /// <summary>Where sending begins: the first segment that holds anything unsettled, or the end.</summary>
    public long FirstUnsettledPosition() => Math.Max(_books.FirstUnsettledSegment() ?? End, _log.Start);

    /// <summary>Start of the first segment that holds one of these seqs; null where none does.</summary>
    public long? SegmentOf(ulong epoch, ulong first, ulong last) => _books.SegmentOf(epoch, first, last);

    /// <summary>Where entries begin that are no older than a time; the end where none are. Looks from the newest segment backwards, so that a backlog costs nothing.</summary>
    public long FirstSince(long sinceMs)
    {
        long[] starts = _books.SegmentStarts();
        long found = End, end = long.MaxValue;
        for (int i = starts.Length - 1; i >= 0; i--)
        {
            (long? young, bool isFirst) = FirstSince(sinceMs, starts[i], end);
            found = young ?? found;
            end = starts[i];
            // Only where a segment is young from its first entry on may the one before end young.
            if (young is null || !isFirst) break;
        }

        return found;
    }

    /// <summary>Reads the spool's indexes from a position on; from its start where the position is no longer held.</summary>
    public LogReader OpenReader(long from)
    {
        while (true)
        {
            try
            {
                return _log.OpenReader(Math.Max(from, _log.Start), LogReadMode.IndexOnly);
            }
            catch (LogException e) when (e.Error == LogError.PositionOutOfRange && from < _log.Start)
            {
                // The segment was unlinked between the two: read on from the next.
            }
        }
    }

    /// <summary>First position that the spool holds.</summary>
    public long Start => _log.Start;

    /// <summary>Reads an entry's bytes and checks them.</summary>
    public SpoolRead TryRead(SpooledEntry entry, Span<byte> target)
    {
        try
        {
            return Read(entry, target);
        }
        catch (LogException e) when (e.Error == LogError.ReadFailed)
        {
            NotGiven(e);
            return SpoolRead.NotNow;
        }
    }

    /// <summary>The same, for what cannot be done later.</summary>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give it now.</exception>
    public SpoolRead Read(in SpooledEntry entry, Span<byte> target)
    {
        if (!_log.TryReadAt(entry.Position, target)) return entry.Position < _log.Start ? SpoolRead.Gone : SpoolRead.Damaged;
        return EntryHeader.TryRead(target, out _) is EntryError.Size or EntryError.Crc or EntryError.Contradiction ? SpoolRead.Damaged : SpoolRead.Whole;
    }

    /// <summary>The disk did not give what stands somewhere in the spool: said the first time, and then ever more rarely.</summary>
    public void NotGiven(LogException e)
    {
        long times = Interlocked.Increment(ref _notGiven);
        if (BitOperations.IsPow2(times)) _logger.NotGiven(e.Message, times);
    }

    /// <summary>The copies of an object in the spool, newest last.</summary>
    public IReadOnlyList<SpooledEntry> CopiesOf(ulong objectId) => _books.CopiesOf(objectId);

    /// <summary>Writes down which entries are settled, how far epochs reach and what is still to be declared, if that has changed.</summary>
    /// <returns>False where it could not: a restart sends settled entries once more, and lacks the second copy of the rest.</returns>
    public bool SaveAcks()
    {
        lock (_savingAcks)
        {
            if (_books.TakeAcks(End) is not { } acks) return true;
            try
            {
                _ackFile.Write(acks);
                _acksNotSaved = 0;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _books.KeepAcks();
                if (BitOperations.IsPow2(++_acksNotSaved)) _logger.AcksNotSaved(e);
                return false;
            }
        }
    }

    // How far the epochs reach, should the segment that ends here lose its own end. One attempt for each end.
    private void SaveAcksAtEnd()
    {
        if (_savedAtEnd == End) return;
        _savedAtEnd = End;
        SaveAcks();
    }

    private (long? Position, bool IsFirst) FirstSince(long sinceMs, long from, long end)
    {
        using LogReader reader = OpenReader(from);
        bool isFirst = true;
        while (reader.TryRead(out LogEntry item) && item.Position < end)
        {
            if (SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header)
                && new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength).NewestMs >= sinceMs) return (item.Position, isFirst);
            isFirst = false;
        }

        return (null, false);
    }
}
