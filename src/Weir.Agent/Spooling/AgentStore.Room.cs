using Weir.Log;

namespace Weir.Agent.Spooling;

/// <content>The room that the spool takes: its budget, and what others leave of the disk.</content>
/// <remarks>
/// Above the budget the oldest segment goes, behind tombstones where it is not settled. On a full disk only settled segments go: what no gateway has is never given up because
/// others fill the disk, and new entries are refused instead.
/// </remarks>
internal sealed partial class AgentStore
{
    // Damage that sending has met is declared on the way: its tombstones take room, too. The log unlinks from its start only.
    private async ValueTask MakeRoomAsync()
    {
        await BuryMissingAsync().ConfigureAwait(false);
        // Ahead of any unlinking, and whatever failed before it was said.
        await DeclareAgainAsync().ConfigureAwait(false);
        while (_log.SizeBytes > _options.SpoolBytes && _log.Segments is [_, var next, ..])
        {
            long before = _log.SizeBytes;
            try
            {
                if (!_books.IsOldestSettled()) await BuryBeforeAsync(next.Start).ConfigureAwait(false);
            }
            catch (LogException e) when (e.Error == LogError.ReadFailed)
            {
                // What it holds cannot be named now: the budget is exceeded until the disk gives it, or it counts as damaged.
                NotGiven(e);
                return;
            }

            // What cannot be written now is waited for, by a segment more.
            if (!SaveAcks() && _log.SizeBytes <= _options.SpoolBytes + _options.SegmentBytes) return;
            UnlinkBefore(next.Start);
            // A budget too small for its own tombstones: exceeded rather than turned over in a circle.
            if (_log.SizeBytes >= before) return;
        }
    }

    private async ValueTask<long> AppendWhereThereIsRoomAsync(ReadOnlyMemory<byte> entry, bool isClosing)
    {
        bool rolls = NextAppendRolls;
        while (true)
        {
            try
            {
                return isClosing
                    ? await _log.AppendClosingAsync(_index.WrittenMemory, entry, CancellationToken.None).ConfigureAwait(false)
                    : await _log.AppendAsync(_index.WrittenMemory, entry, CancellationToken.None).ConfigureAwait(false);
            }
            catch (LogException e) when (e.Error == LogError.DiskFull && NextAppendRolls == rolls && TryUnlinkSettled())
            {
                // A frame must stand behind its objects: only where it would stand in the same segment it is tried again.
            }
        }
    }

    private bool TryUnlinkSettled()
    {
        if (_log.Segments is not [var oldest, var next, ..] || !_books.IsOldestSettled()) return false;
        // Where there is no room for them before, they are written behind it.
        bool isSaved = SaveAcks();
        UnlinkBefore(next.Start);
        if (!isSaved) SaveAcks();
        _logger.SettledUnlinked(oldest.Bytes);
        return true;
    }

    // The acks first: at a start, what they do not know to be settled and the spool lacks is lost.
    private void UnlinkBefore(long position)
    {
        long[] gone = [.. _log.Segments.Select(static segment => segment.Start).Where(start => start < position)];
        _log.TruncateBefore(position);
        _books.ForgetBefore(position, _epoch.Epoch);
        foreach (long start in gone) _summaries.Delete(start);
    }
}
