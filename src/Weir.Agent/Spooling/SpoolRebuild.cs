using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>Brings the books up to date with a log that was just opened.</summary>
/// <remarks>
/// Reads indexes, and the payloads of the few entries that settle others: tombstones, and the starts of epochs. A tombstone is itself the
/// durable mark that what it names is settled; a crash between it and any later step repeats nothing.
/// </remarks>
internal sealed class SpoolRebuild(SegmentLog log, SpoolBooks books, AckFile acks)
{
    private readonly List<EntryRange> _missing = [];
    private readonly List<EntryRange> _given = [];
    private readonly List<SpooledEntry> _damaged = [];
    private long[] _starts = [];
    private int _segment;

    /// <summary>The newest epoch; null in an empty spool.</summary>
    public EpochBook? Newest { get; private set; }

    /// <summary>Time of the newest durable tick of any epoch, Unix ms; 0 where there is none.</summary>
    public long LastTickMs { get; private set; }

    /// <summary>Seqs that were given out and that nothing names any more: damage took even their index.</summary>
    public IReadOnlyList<EntryRange> Missing { get; private set; } = [];

    /// <summary>Entries with an index whose payload is broken, and that nobody has.</summary>
    public IReadOnlyList<SpooledEntry> Damaged => _damaged;

    /// <summary>Reads the log.</summary>
    public void Run()
    {
        _starts = [.. log.Segments.Select(static segment => segment.Start)];
        using LogReader reader = log.OpenReader(log.Start, LogReadMode.IndexOnly);
        while (reader.TryRead(out LogEntry item))
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header)) continue;
            Take(new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength), item.Damaged, reader.SkippedBytes > 0);
        }

        foreach ((ulong epoch, SeqSet settled) in acks.Read())
            foreach ((ulong first, ulong last) in settled.Ranges) books.Settle(epoch, first, last);
        // Last, for what follows an entry decides how far its epoch reaches.
        foreach (EntryRange given in _given) books.Settle(given.Epoch, given.First, given.Last);
        _damaged.RemoveAll(entry => books.IsSettled(entry.Epoch, entry.Seq));
        Missing = [.. _missing.SelectMany(range => books.UnsettledOf(range))];
    }

    private void Take(SpooledEntry entry, bool damaged, bool hasSkipped)
    {
        bool isFirst = Newest is null;
        EpochBook book = books.Open(entry.Epoch, entry.StartNumber);
        ulong expected = book.LastSeq + 1;
        if (entry.Seq > expected)
        {
            // The oldest epoch may begin anywhere: what stood before was unlinked, settled one way or the other.
            var gap = new EntryRange(entry.Epoch, entry.StartNumber, expected, entry.Seq - 1);
            if (isFirst && !hasSkipped) _given.Add(gap);
            else _missing.Add(gap);
        }

        while (_segment + 1 < _starts.Length && _starts[_segment + 1] <= entry.Position) _segment++;
        books.Add(book, entry, _starts[_segment], entry.Header.LastGridMs);
        if (entry.Header.Kind == EntryKind.Samples) LastTickMs = book.LastTickMs;
        if (Newest is null || entry.StartNumber >= Newest.StartNumber) Newest = book;
        if (damaged)
        {
            _damaged.Add(entry);
            if (entry.Header.Kind == EntryKind.Object) books.ForgetObject(entry);
            return;
        }

        if (entry.Header.Kind == EntryKind.Tombstone) TakeTombstone(entry);
        else if (entry.Header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart }) TakeEpochStart(entry);
    }

    private void TakeTombstone(in SpooledEntry entry)
    {
        if (ReadPayload(entry) is { } payload && Tombstone.TryDecode(payload) is { } tombstone)
            _given.Add(new EntryRange(tombstone.Epoch, 0, tombstone.FirstSeq, tombstone.LastSeq));
    }

    // The start of an epoch says how far the one before reached: more than was found of it is damage at its end.
    private void TakeEpochStart(in SpooledEntry entry)
    {
        if (ReadPayload(entry) is not { } payload || EpochStart.TryDecode(payload) is not { } start || start.PreviousEpoch == entry.Epoch) return;
        foreach (OpenEpochInfo before in books.Epochs)
        {
            if (before.Epoch != start.PreviousEpoch || before.LastSeq >= start.PreviousLastSeq) continue;
            _missing.Add(new EntryRange(before.Epoch, before.StartNumber, before.LastSeq + 1, start.PreviousLastSeq));
            books.Open(before.Epoch, before.StartNumber).LastSeq = start.PreviousLastSeq;
        }
    }

    private byte[]? ReadPayload(in SpooledEntry entry)
    {
        var bytes = new byte[entry.Length];
        return log.TryReadAt(entry.Position, bytes) && EntryHeader.TryRead(bytes, out EntryHeader header) == EntryError.None ? bytes[header.HeaderBytes..] : null;
    }
}
