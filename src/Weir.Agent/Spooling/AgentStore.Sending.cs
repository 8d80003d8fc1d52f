using System.Diagnostics.CodeAnalysis;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <content>What the uplink needs of the spool.</content>
internal sealed partial class AgentStore
{
    /// <summary>The epochs with entries in the spool, oldest start first.</summary>
    public IReadOnlyList<(ulong Epoch, uint StartNumber, ulong OldestUnsettled, ulong LastSeq)> OpenEpochs
    {
        get
        {
            lock (_books)
                return [.. _epochs.Values.OrderBy(static book => book.StartNumber).Select(static book => (book.Epoch, book.StartNumber, book.OldestUnsettled, book.LastSeq))];
        }
    }

    /// <summary>The epoch that new entries belong to.</summary>
    public ulong CurrentEpoch => _epoch.Epoch;

    /// <summary>Whether an entry needs no sending any more.</summary>
    public bool IsSettled(ulong epoch, ulong seq)
    {
        lock (_books) return !_epochs.TryGetValue(epoch, out EpochBook? book) || book.Settled.Contains(seq);
    }

    /// <summary>The gateway has these entries, or they have been declared lost.</summary>
    public void Settle(ulong epoch, ulong first, ulong last)
    {
        lock (_books)
        {
            if (!_epochs.TryGetValue(epoch, out EpochBook? book) || first == 0 || last < first || last > book.LastSeq) return;
            book.Settled.Add(first, last);
            _acksDirty = true;
        }
    }

    /// <summary>These entries are to be sent again.</summary>
    /// <returns>Whether the spool still holds all of them.</returns>
    public bool Unsettle(ulong epoch, ulong first, ulong last)
    {
        lock (_books)
        {
            if (!_epochs.TryGetValue(epoch, out EpochBook? book) || first == 0) return false;
            ulong held = Math.Min(last, book.LastSeq);
            if (held < first) return false;
            book.Settled.Remove(first, held);
            _acksDirty = true;
            return held == last;
        }
    }

    /// <summary>Where sending begins: the first segment that holds anything unsettled.</summary>
    public long FirstUnsettledPosition()
    {
        lock (_books)
        {
            foreach (SegmentBook segment in _segments)
                if (!segment.IsSettled()) return Math.Max(segment.Start, _log.Start);
        }

        return _log.DurableEnd;
    }

    /// <summary>Reads the spool's indexes from a position on.</summary>
    public LogReader OpenReader(long from) => _log.OpenReader(Math.Max(from, _log.Start), LogReadMode.IndexOnly);

    /// <summary>Completes when something durable stands behind a position.</summary>
    public ValueTask WaitBeyondAsync(long position, CancellationToken cancellationToken) => _log.WaitBeyondAsync(position, cancellationToken);

    /// <summary>Reads an entry's bytes; false where they are gone or damaged.</summary>
    public bool TryRead(SpooledEntry entry, Span<byte> target) =>
        _log.TryReadAt(entry.Position, target) && EntryHeader.TryRead(target, out _) == EntryError.None;

    /// <summary>The newest copy of an object in the spool.</summary>
    public bool TryGetObject(ulong objectId, [NotNullWhen(true)] out SpooledEntry? entry)
    {
        lock (_books) return _objects.TryGetValue(objectId, out entry) && entry.Position >= _log.Start;
    }

    /// <summary>Declares entries lost and settles them.</summary>
    public async ValueTask BuryAsync(SpooledEntry entry, DropReason reason, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await AppendTombstoneAsync([entry], reason, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _appending.Release();
        }
    }

    // The oldest segment goes first: without a word when all of it is settled, else behind tombstones.
    private async ValueTask MakeRoomAsync(CancellationToken cancellationToken)
    {
        while (_log.SizeBytes > _options.SpoolBytes && _log.Segments.Count > 1)
        {
            bool settled;
            lock (_books) settled = _segments[0].IsSettled();
            if (!settled) await BurySegmentAsync(cancellationToken).ConfigureAwait(false);
            _log.TruncateBefore(_log.Segments[1].Start);
            lock (_books)
            {
                IEnumerable<EpochBook> left = _segments[0].Epochs;
                _segments.RemoveAt(0);
                foreach (EpochBook epoch in left)
                    if (epoch != _epoch && !_segments.Exists(segment => segment.Epochs.Contains(epoch))) _epochs.Remove(epoch.Epoch);
            }
        }
    }

    private async ValueTask BurySegmentAsync(CancellationToken cancellationToken)
    {
        long end = _log.Segments[1].Start;
        var lost = new List<SpooledEntry>();
        using LogReader reader = OpenReader(_log.Start);
        while (reader.TryRead(out LogEntry item) && item.Position < end)
        {
            if (SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header) && !IsSettled(epoch, header.Seq))
                lost.Add(new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength));
        }

        // One tombstone per run of seqs.
        for (int from = 0; from < lost.Count;)
        {
            int to = from + 1;
            while (to < lost.Count && lost[to].Epoch == lost[from].Epoch && lost[to].Header.Seq == lost[to - 1].Header.Seq + 1) to++;
            await AppendTombstoneAsync(lost[from..to], DropReason.SpoolBudget, cancellationToken).ConfigureAwait(false);
            from = to;
        }
    }

    private async ValueTask AppendTombstoneAsync(List<SpooledEntry> lost, DropReason reason, CancellationToken cancellationToken)
    {
        var windows = new SortedDictionary<long, (long Samples, ulong Digest)>();
        foreach (SpooledEntry entry in lost)
        {
            if (entry.Header.Kind != EntryKind.Samples) continue;
            // Frames close at minute boundaries: a frame lies in the window of its first tick.
            long window = entry.Header.FirstMs - (entry.Header.FirstMs % 60_000);
            (long samples, ulong digest) = windows.GetValueOrDefault(window);
            windows[window] = (samples + entry.Header.SampleCount, digest + entry.Header.Digest);
        }

        ulong first = lost[0].Header.Seq, last = lost[^1].Header.Seq;
        var tombstone = new Tombstone
        {
            Epoch = lost[0].Epoch,
            FirstSeq = first,
            LastSeq = last,
            Reason = reason,
            Windows = [.. windows.Select(static pair => new TombstoneWindow(pair.Key, pair.Value.Samples, pair.Value.Digest))],
        };
        var header = new EntryHeader
        {
            Kind = EntryKind.Tombstone,
            Seq = _epoch.LastSeq + 1,
            FirstMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            ClockGeneration = _state.ClockGeneration,
        };
        await AppendAsync(header, tombstone.Encode(), cancellationToken).ConfigureAwait(false);
        _logger.EntriesGivenUp(lost.Count, reason.ToString(), tombstone.Epoch, first, last);
        Settle(tombstone.Epoch, first, last);
    }
}
