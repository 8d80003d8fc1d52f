using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>Makes the <see cref="SegmentSummary"/> of a segment from the segment itself.</summary>
internal sealed class SegmentScan(SegmentLog log, LogSegment segment)
{
    private readonly List<SummaryRun> _runs = [];
    private readonly List<SummaryEntry> _objects = [];
    private readonly List<SummaryEntry> _damaged = [];
    private readonly List<DeclaredLoss> _given = [];

    /// <summary>Reads the segment.</summary>
    public SegmentSummary Run()
    {
        bool isStartDamaged = false;
        using LogReader reader = log.OpenReader(segment.Start, LogReadMode.IndexOnly);
        while (reader.TryRead(out LogEntry item) && item.Position < segment.End)
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header)) continue;
            if (_runs.Count == 0) isStartDamaged = reader.SkippedBytes > 0;
            Take(new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength), item);
        }

        return new SegmentSummary(segment.Start, segment.End)
        {
            IsStartDamaged = isStartDamaged || _runs.Count == 0,
            Runs = _runs,
            Objects = _objects,
            Damaged = _damaged,
            Given = _given,
        };
    }

    private void Take(in SpooledEntry entry, in LogEntry item)
    {
        if (_runs.Count > 0 && _runs[^1].Epoch == entry.Epoch && _runs[^1].Last + 1 == entry.Seq) _runs[^1] = _runs[^1] with { Last = entry.Seq };
        else _runs.Add(new SummaryRun { Epoch = entry.Epoch, StartNumber = entry.StartNumber, First = entry.Seq, Last = entry.Seq });
        if (entry.Header.Kind == EntryKind.Samples) _runs[^1] = _runs[^1].WithTick(entry.Header.ClockGeneration, entry.Header.LastGridMs);
        if (item.Damaged) _damaged.Add(Summarise(item));
        else if (entry.Header.Kind == EntryKind.Object) _objects.Add(Summarise(item));
        else TakePayload(entry);
    }

    private void TakePayload(in SpooledEntry entry)
    {
        if (entry.Header.Kind == EntryKind.Tombstone)
        {
            if (Payload(entry) is { } payload && Tombstone.TryDecode(payload) is { } tombstone)
                _given.Add(new DeclaredLoss(entry.Epoch, entry.Seq, new EntryRange(tombstone.Epoch, 0, tombstone.FirstSeq, tombstone.LastSeq), tombstone.Reason));
        }
        else if (entry.Header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart })
        {
            if (Payload(entry) is { } payload && EpochStart.TryDecode(payload) is { } start)
                _runs[^1] = _runs[^1] with { PreviousEpoch = start.PreviousEpoch, PreviousLastSeq = start.PreviousLastSeq };
        }
    }

    private static SummaryEntry Summarise(in LogEntry item) => new(item.Position, item.PayloadLength, item.Index.ToArray());

    private byte[]? Payload(in SpooledEntry entry)
    {
        var bytes = new byte[entry.Length];
        return log.TryReadAt(entry.Position, bytes) && EntryHeader.TryRead(bytes, out EntryHeader header) == EntryError.None ? bytes[header.HeaderBytes..] : null;
    }
}
