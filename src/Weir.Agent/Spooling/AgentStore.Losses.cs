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
            if (!_books.IsSettled(entry.Epoch, entry.Seq)) await AppendTombstoneAsync(new LostRun(entry), reason).ConfigureAwait(false);
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
            if (!_books.IsOldestSettled()) await BuryBeforeAsync(next.Start).ConfigureAwait(false);
            _log.TruncateBefore(next.Start);
            _books.ForgetBefore(next.Start, _epoch.Epoch);
        }
    }

    private async ValueTask BuryBeforeAsync(long end)
    {
        using LogReader reader = _log.OpenReader(_log.Start, LogReadMode.IndexOnly);
        LostRun? run = null;
        while (reader.TryRead(out LogEntry item) && item.Position < end)
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header) || _books.IsSettled(epoch, header.Seq)) continue;
            var entry = new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength);
            await CarryOnAsync(entry).ConfigureAwait(false);
            if (run?.TryAdd(entry) == true) continue;
            if (run is not null) await AppendTombstoneAsync(run, DropReason.SpoolBudget).ConfigureAwait(false);
            run = new LostRun(entry);
        }

        if (run is not null) await AppendTombstoneAsync(run, DropReason.SpoolBudget).ConfigureAwait(false);
    }

    // Two kinds must outlive their segment: a tombstone, or the loss that it declares would no longer be declared; and who the host of
    // the running epoch is, or its samples would have no host.
    private async ValueTask CarryOnAsync(SpooledEntry entry)
    {
        bool isStart = entry.Epoch == _epoch.Epoch && entry.Header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart };
        if (isStart) await AppendAsync(Declaration(DeclarationKind.EpochStart, entry.Header.FirstMs), _epochStart).ConfigureAwait(false);
        if (entry.Header.Kind != EntryKind.Tombstone) return;
        var bytes = new byte[entry.Length];
        if (TryRead(entry, bytes) != SpoolRead.Whole) return;
        await AppendAsync(Header(EntryKind.Tombstone, 0, entry.Header.FirstMs), bytes.AsMemory(entry.Header.HeaderBytes)).ConfigureAwait(false);
    }

    private async ValueTask AppendTombstoneAsync(LostRun run, DropReason reason)
    {
        EntryRange range = run.Range;
        var tombstone = new Tombstone { Epoch = range.Epoch, FirstSeq = range.First, LastSeq = range.Last, Reason = reason, Windows = run.Windows };
        await AppendAsync(Header(EntryKind.Tombstone, 0, Now()), tombstone.Encode()).ConfigureAwait(false);
        _books.Settle(range.Epoch, range.First, range.Last);
        _metrics.Buried(range.Last - range.First + 1, reason);
        _logger.EntriesGivenUp(range.Last - range.First + 1, reason.ToString(), range.Epoch, range.First, range.Last);
    }
}
