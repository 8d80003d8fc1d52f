using Weir.Log;

namespace Weir.Agent.Spooling;

/// <content>What is given up on purpose: always behind a durable tombstone.</content>
internal sealed partial class AgentStore
{
    /// <summary>Declares an entry lost and settles it. Nothing where it is settled already.</summary>
    public async ValueTask BuryAsync(SpooledEntry entry, DropReason reason, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (entry.Header.Kind == EntryKind.Object) ForgetObject(entry);
            if (!_books.IsSettled(entry.Epoch, entry.Seq)) await AppendTombstoneAsync(new LostRun(entry, reason)).ConfigureAwait(false);
        }
        finally
        {
            _appending.Release();
        }
    }

    // The copy is of no use, and the next frame that needs the object brings a new one.
    private void ForgetObject(in SpooledEntry copy)
    {
        _books.ForgetObject(copy);
        _objectsHere.Remove(copy.Header.ObjectId);
    }

    // The oldest segment goes first: without a word when all of it is settled, else behind tombstones. The log unlinks from its start only.
    private async ValueTask MakeRoomAsync()
    {
        while (_log.SizeBytes > _options.SpoolBytes && _log.Segments is [_, var next, ..])
        {
            long before = _log.SizeBytes;
            if (!_books.IsOldestSettled()) await BuryBeforeAsync(next.Start).ConfigureAwait(false);
            _log.TruncateBefore(next.Start);
            _books.ForgetBefore(next.Start, _epoch.Epoch);
            // A budget too small for its own tombstones: exceeded rather than turned over in a circle.
            if (_log.SizeBytes >= before) return;
        }
    }

    // Two kinds must outlive their segment: a tombstone, or the loss that it declares would no longer be declared; and who the host of
    // the running epoch is, or its samples would have no host. Tombstones are joined on the way, so that they do not fill the spool in the end.
    // A crash in between leaves two tombstones for the same entries, of which the larger contains the other.
    private async ValueTask BuryBeforeAsync(long end)
    {
        var runs = new List<LostRun>();
        bool isStartLost = false;
        using (LogReader reader = _log.OpenReader(_log.Start, LogReadMode.IndexOnly))
        {
            LostRun? run = null;
            while (reader.TryRead(out LogEntry item) && item.Position < end)
            {
                if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header) || _books.IsSettled(epoch, header.Seq)) continue;
                var entry = new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength);
                isStartLost |= epoch == _epoch.Epoch && header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart };
                if (header.Kind == EntryKind.Tombstone && ReadTombstone(entry) is { } tombstone) runs.Add(new LostRun(tombstone));
                if (run?.TryAdd(entry) == true) continue;
                runs.Add(run = new LostRun(entry, DropReason.SpoolBudget));
            }
        }

        if (isStartLost) await AppendAsync(Declaration(DeclarationKind.EpochStart, _epochStartMs), _epochStart).ConfigureAwait(false);
        foreach (LostRun run in LostRun.Join(runs)) await AppendTombstoneAsync(run).ConfigureAwait(false);
    }

    private Tombstone? ReadTombstone(in SpooledEntry entry)
    {
        var bytes = new byte[entry.Length];
        return TryRead(entry, bytes) == SpoolRead.Whole ? Tombstone.TryDecode(bytes.AsSpan(entry.Header.HeaderBytes)) : null;
    }

    private async ValueTask AppendTombstoneAsync(LostRun run)
    {
        EntryRange range = run.Range;
        await AppendAsync(Header(EntryKind.Tombstone, 0, Now()), run.ToTombstone().Encode()).ConfigureAwait(false);
        _books.Settle(range.Epoch, range.First, range.Last);
        if (run.Fresh == 0) return;
        _metrics.Buried(run.Fresh, run.Reason);
        _logger.EntriesGivenUp(run.Fresh, run.Reason.ToString(), range.Epoch, range.First, range.Last);
    }
}
