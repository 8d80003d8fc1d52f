using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>Brings the books up to date with a log that was just opened.</summary>
/// <remarks>
/// Reads the newest segment, and of the ended ones their <see cref="SegmentSummary"/>. A tombstone is itself the durable mark that what it names is settled; a crash between it
/// and any later step repeats nothing. Entries that the file <c>acks</c> knows and the spool lacks are missing; tombstones likewise. Without summaries every segment is read, and nothing written.
/// </remarks>
internal sealed class SpoolRebuild(SegmentLog log, SpoolBooks books, SettledBook settled, SummaryFiles? summaries)
{
    private readonly List<EntryRange> _missing = [];
    private readonly List<EntryRange> _unlinked = [];
    private readonly List<DeclaredLoss> _given = [];
    private readonly List<SpooledEntry> _damaged = [];
    // Books that reach into the newest segment have seen everything that was unlinked: they are written ahead of each segment and of each unlinking. Older ones are a copy, or could not be written.
    private readonly bool _isCurrent = settled.End >= 0 && settled.End >= log.NewestStart;
    private bool _isStartDamaged;
    private int _next;

    /// <summary>The newest epoch; null in an empty spool.</summary>
    public EpochBook? Newest { get; private set; }

    /// <summary>Time of the newest durable tick of any epoch, Unix ms; 0 where there is none.</summary>
    public long LastTickMs { get; private set; }

    /// <summary>Seqs that were given out and that nothing names any more: damage took even their index.</summary>
    public IReadOnlyList<EntryRange> Missing { get; private set; } = [];

    /// <summary>Entries with an index whose payload is broken, and that nobody has.</summary>
    public IReadOnlyList<SpooledEntry> Damaged => _damaged;

    /// <summary>Reads the log.</summary>
    /// <exception cref="LogException">The disk does not give all of it now: called again, it goes on where it stopped.</exception>
    public void Run()
    {
        IReadOnlyList<LogSegment> segments = log.Segments;
        summaries?.DeleteOthers(segments.Select(static segment => segment.Start).ToHashSet());
        for (; _next < segments.Count; _next++)
            Take(summaries is not null && _next + 1 < segments.Count ? summaries.Get(log, segments[_next]) : SegmentSummary.Read(log, segments[_next]));
        foreach (EpochBook known in settled.Epochs) Take(known);
        // Behind those, for what follows an entry decides how far its epoch reaches.
        foreach (EntryRange gap in _unlinked) books.GiveUp(gap.Epoch, gap.First, gap.Last);
        foreach (DeclaredLoss loss in settled.Losses.Where(loss => _isCurrent || IsHeld(loss))) books.Declare(loss);
        foreach (DeclaredLoss loss in _given.Except(settled.Losses)) books.DeclareUnlessSettled(loss);
        _damaged.RemoveAll(entry => books.IsSettled(entry.Epoch, entry.Seq));
        Missing = [.. _missing.SelectMany(range => books.UnsettledOf(range))];
    }

    // A tombstone leaves the spool when a gateway has it or another says the same.
    private bool IsHeld(DeclaredLoss loss) =>
        books.Knows(loss.Epoch) && !_unlinked.Exists(gap => gap.Epoch == loss.Epoch && loss.Seq >= gap.First && loss.Seq <= gap.Last);

    private void Take(SegmentSummary segment)
    {
        if (Newest is null) _isStartDamaged |= segment.IsStartDamaged;
        foreach (SummaryRun run in segment.Runs) Take(run, segment.Start);
        foreach (SummaryEntry copy in segment.Objects) books.AddObject(copy.ToSpooled());
        _damaged.AddRange(segment.Damaged.Select(static entry => entry.ToSpooled()));
        _given.AddRange(segment.Given);
    }

    private void Take(SummaryRun run, long segmentStart)
    {
        EpochBook book = books.Open(run.Epoch, run.StartNumber);
        ulong expected = book.LastSeq + 1;
        if (run.First > expected)
        {
            // The oldest epoch may begin anywhere: what stood before was unlinked, settled one way or the other. Current books say so of each entry.
            var gap = new EntryRange(run.Epoch, run.StartNumber, expected, run.First - 1);
            bool isKnown = _isCurrent && settled.Epochs.Any(known => known.Epoch == run.Epoch);
            if (Newest is null && !_isStartDamaged && !isKnown) _unlinked.Add(gap);
            else _missing.Add(gap);
        }

        books.Add(book, run, segmentStart);
        if (run.LastTickMs > 0) LastTickMs = book.LastTickMs;
        if (Newest is null || run.StartNumber >= Newest.StartNumber) Newest = book;
        if (run.PreviousEpoch != 0 && run.PreviousEpoch != run.Epoch) TakeEpochStart(run);
    }

    // What the books knew of an epoch, and the spool does not hold, was lost with its names, unless it was settled and unlinked.
    private void Take(EpochBook known)
    {
        if (!books.Knows(known.Epoch) && (!_isCurrent || known.Unsettled == 0)) return;
        EpochBook book = books.Open(known.Epoch, known.StartNumber);
        if (known.LastSeq > book.LastSeq)
        {
            _missing.Add(new EntryRange(known.Epoch, known.StartNumber, book.LastSeq + 1, known.LastSeq));
            book.LastSeq = known.LastSeq;
        }

        foreach ((ulong first, ulong last) in known.Settled.Ranges) books.GiveUp(known.Epoch, first, last);
        if (Newest is null || known.StartNumber > Newest.StartNumber) Newest = book;
    }

    // The start of an epoch says how far the one before reached: more than was found of it is damage at its end.
    private void TakeEpochStart(SummaryRun run)
    {
        foreach (OpenEpochInfo before in books.Epochs)
        {
            if (before.Epoch != run.PreviousEpoch || before.LastSeq >= run.PreviousLastSeq) continue;
            _missing.Add(new EntryRange(before.Epoch, before.StartNumber, before.LastSeq + 1, run.PreviousLastSeq));
            books.Open(before.Epoch, before.StartNumber).LastSeq = run.PreviousLastSeq;
        }
    }
}
