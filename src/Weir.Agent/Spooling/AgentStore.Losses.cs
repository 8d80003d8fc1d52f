using Weir.Log;

namespace Weir.Agent.Spooling;

/// <content>What is given up on purpose: always behind a durable tombstone.</content>
internal sealed partial class AgentStore
{
    private const int FewTombstones = 4;

    // Starts of segments in which a reader met damage; no more than there are segments.
    private readonly HashSet<long> _suspects = [];

    /// <summary>Declares an entry lost and settles it. Nothing where it is settled already.</summary>
    public async ValueTask BuryAsync(SpooledEntry entry, DropReason reason, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (entry.Header.Kind == EntryKind.Object) ForgetObject(entry);
            if (_books.IsSettled(entry.Epoch, entry.Seq)) return;
            if (reason is DropReason.Rejected or DropReason.Damaged) await SetAsideAsync(entry, reason).ConfigureAwait(false);
            await AppendTombstoneAsync(new LostRun(entry, reason)).ConfigureAwait(false);
            // A tombstone that no gateway takes is not written anew in a circle.
            if (reason == DropReason.Rejected) _books.Forget(entry.Epoch, entry.Seq);
            await DeclareAgainAsync().ConfigureAwait(false);
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <summary>Bytes of the spool turned out to be unreadable while it was read: the entries that stood there are declared lost ahead of the next append.</summary>
    /// <param name="from">First position of the damage.</param>
    /// <param name="to">The position behind it.</param>
    public void ReportDamage(long from, long to)
    {
        lock (_suspects)
        {
            foreach (LogSegment segment in _log.Segments)
                if (segment.Start < to && segment.End > from) _suspects.Add(segment.Start);
        }
    }

    // What the segment should hold, and does not any more: its blocks are read once more, for a reader may have begun in the middle.
    private async ValueTask BuryMissingAsync()
    {
        long[] starts;
        lock (_suspects)
        {
            if (_suspects.Count == 0) return;
            starts = [.. _suspects.Order()];
            _suspects.Clear();
        }

        foreach (LogSegment segment in _log.Segments.Where(segment => starts.Contains(segment.Start)))
        {
            SegmentSummary found;
            try
            {
                found = SegmentSummary.Read(_log, segment);
            }
            catch (LogException e) when (e.Error == LogError.ReadFailed)
            {
                NotGiven(e);
                ReportDamage(segment.Start, segment.End);
                continue;
            }

            foreach (EntryRange range in _books.UnsettledOf(segment.Start).SelectMany(range => Without(range, found.Runs)))
                await AppendTombstoneAsync(new LostRun(range, DropReason.Damaged)).ConfigureAwait(false);
        }
    }

    private static List<EntryRange> Without(EntryRange range, IReadOnlyList<SummaryRun> held)
    {
        var missing = new SeqSet();
        missing.Add(range.First, range.Last);
        foreach (SummaryRun run in held)
            if (run.Epoch == range.Epoch) missing.Remove(run.First, run.Last);
        return [.. missing.Ranges.Select(each => range with { First = each.First, Last = each.Last })];
    }

    // A copy for whoever looks into it. That it cannot be taken holds nothing up.
    private async ValueTask SetAsideAsync(SpooledEntry entry, DropReason reason)
    {
        try
        {
            var bytes = new byte[entry.Length];
            if (!_log.TryReadAt(entry.Position, bytes)) bytes = [];
            await _quarantine.AddAsync(entry, reason, bytes).ConfigureAwait(false);
            _metrics.Quarantined(reason);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.EntryNotQuarantined(entry.Epoch, entry.Seq, e);
        }
    }

    // The copy is of no use, and the next frame that needs the object brings a new one.
    private void ForgetObject(in SpooledEntry copy)
    {
        _books.ForgetObject(copy);
        _objectsHere.Remove(copy.Header.ObjectId);
    }

    // Two kinds must outlive their segment: a tombstone, or the loss that it declares would no longer be declared; and who the host of
    // the running epoch is, or its samples would have no host. Tombstones are joined on the way, so that they do not fill the spool in the end.
    // A crash in between leaves two tombstones for the same entries, of which the larger contains the other.
    private async ValueTask BuryBeforeAsync(long end)
    {
        List<LostRun> runs = LostRun.Join(GivenUp(_log.Start, end, tombstonesOnly: false, out bool isStartLost));
        // What would join them lies in other segments. Left there, they would be written anew segment by segment, and keep fresh entries from the spool.
        if (runs.Count > FewTombstones)
        {
            List<LostRun> rest = GivenUp(end, _log.DurableEnd, tombstonesOnly: true, out _);
            List<LostRun> all = LostRun.Join([.. runs, .. rest]);
            if (all.Count <= (runs.Count + rest.Count) / 2) runs = all;
        }

        if (isStartLost) await AppendClosingAsync(Declaration(DeclarationKind.EpochStart, _epochStartMs), _epochStart).ConfigureAwait(false);
        foreach (LostRun run in runs) await AppendTombstoneAsync(run).ConfigureAwait(false);
        // What no reader names any more, since its block cannot be read, goes all the same.
        foreach (EntryRange range in _log.Segments.Where(segment => segment.Start < end).SelectMany(segment => _books.UnsettledOf(segment.Start)))
            await AppendTombstoneAsync(new LostRun(range, DropReason.Damaged)).ConfigureAwait(false);
        await DeclareAgainAsync().ConfigureAwait(false);
    }

    // The entries that no gateway has, in runs, and what the tombstones among them declare.
    private List<LostRun> GivenUp(long from, long to, bool tombstonesOnly, out bool isStartLost)
    {
        var runs = new List<LostRun>();
        isStartLost = false;
        using LogReader reader = _log.OpenReader(from, LogReadMode.IndexOnly);
        LostRun? run = null;
        while (reader.TryRead(out LogEntry item) && item.Position < to)
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header) || _books.IsSettled(epoch, header.Seq)) continue;
            if (tombstonesOnly && header.Kind != EntryKind.Tombstone) continue;
            var entry = new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength);
            isStartLost |= epoch == _epoch.Epoch && header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart };
            if (header.Kind == EntryKind.Tombstone && ReadTombstone(entry) is { } tombstone) runs.Add(new LostRun(tombstone));
            if (run?.TryAdd(entry) == true) continue;
            runs.Add(run = new LostRun(entry, DropReason.SpoolBudget));
        }

        return runs;
    }

    // A tombstone may be lost before a gateway has it; then the books say what it declared.
    private async ValueTask DeclareAgainAsync()
    {
        while (_books.Undeclared() is [var loss, ..])
        {
            await AppendTombstoneAsync(new LostRun(loss.ToTombstone())).ConfigureAwait(false);
            _books.Forget(loss.Epoch, loss.Seq);
        }
    }

    private Tombstone? ReadTombstone(in SpooledEntry entry)
    {
        var bytes = new byte[entry.Length];
        return Read(entry, bytes) == SpoolRead.Whole ? Tombstone.TryDecode(bytes.AsSpan(entry.Header.HeaderBytes)) : null;
    }

    private async ValueTask AppendTombstoneAsync(LostRun run)
    {
        EntryRange range = run.Range;
        await AppendClosingAsync(Header(EntryKind.Tombstone, 0, Now()), run.ToTombstone().Encode()).ConfigureAwait(false);
        _books.DeclareUnlessSettled(new DeclaredLoss(_epoch.Epoch, _epoch.LastSeq, range, run.Reason));
        if (run.Fresh == 0) return;
        _metrics.Buried(run.Fresh, run.Reason);
        _logger.EntriesGivenUp(run.Fresh, run.Reason.ToString(), range.Epoch, range.First, range.Last);
    }
}
