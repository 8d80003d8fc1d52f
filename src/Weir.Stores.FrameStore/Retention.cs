using Weir.Contracts;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Decides what has expired, by age and by the bytes of all partitions together: parts by their event hour; the log itself only where it is not sealed.</summary>
internal sealed class Retention(FrameStoreOptions options, TimeProvider time)
{
    private readonly List<FrameStorePartition> _partitions = [];

    /// <summary>Takes a partition into account.</summary>
    public void Add(FrameStorePartition partition)
    {
        lock (_partitions) _partitions.Add(partition);
    }

    /// <summary>The next part of a partition that has expired, and why; null where none has.</summary>
    public (Part Part, string Reason)? NextExpired(FrameStorePartition partition)
    {
        if (partition.Parts.MinBy(static part => part.Info.HourMs) is not { } oldest) return null;
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (options.RetentionAge is { } age && oldest.Info.HourMs + PartFormat.HourMs < now - (long)age.TotalMilliseconds) return (oldest, "age");
        return ExcessBytes() > 0 && IsOldestHour(oldest.Info.HourMs) ? (oldest, "bytes") : null;
    }

    /// <summary>Whether segments of a log that is not sealed have expired.</summary>
    /// <param name="partition">The partition that asks.</param>
    /// <param name="to">The first positions that remain.</param>
    public bool WantsAdvance(FrameStorePartition partition, out LogPositions to)
    {
        LogPositions from = partition.Progress.Positions;
        to = from;
        if (options.SealInterval is not null) return false;
        long excess = ExcessBytes();
        foreach (LogClass logClass in (ReadOnlySpan<LogClass>)[LogClass.Live, LogClass.Backfill])
            to = to.With(logClass, FirstKept(partition, logClass, from.Of(logClass), ref excess));
        return to != from;
    }

    // A segment that has a successor was closed when the successor was created: everything in it came in before.
    private long FirstKept(FrameStorePartition partition, LogClass logClass, long from, ref long excess)
    {
        IReadOnlyList<LogSegment> segments = partition.Log(logClass).Segments;
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        long kept = from;
        for (int i = 0; i + 1 < segments.Count; i++)
        {
            if (segments[i].End <= from) continue;
            long closedMs = segments[i + 1].CreatedMs;
            bool expired = options.RetentionAge is { } age && closedMs < now - (long)age.TotalMilliseconds;
            bool tooMuch = excess > 0 && IsOldestSegment(closedMs);
            if (!expired && !tooMuch) break;
            kept = segments[i + 1].Start;
            excess -= segments[i].Bytes;
        }

        return kept;
    }

    private long ExcessBytes()
    {
        if (options.RetentionBytes is not { } most) return 0;
        lock (_partitions) return _partitions.Sum(static partition => partition.SizeBytes) - most;
    }

    // Above the byte limit the oldest hour anywhere goes first, whichever partition holds it.
    private bool IsOldestHour(long hourMs)
    {
        lock (_partitions) return _partitions.TrueForAll(partition => partition.Parts.All(part => part.Info.HourMs >= hourMs));
    }

    // The same for segments of a log that is not sealed; parts of before go first.
    private bool IsOldestSegment(long closedMs)
    {
        lock (_partitions)
        {
            foreach (FrameStorePartition partition in _partitions)
            {
                if (partition.Parts.Count > 0) return false;
                foreach (LogClass logClass in (ReadOnlySpan<LogClass>)[LogClass.Live, LogClass.Backfill])
                {
                    IReadOnlyList<LogSegment> segments = partition.Log(logClass).Segments;
                    if (segments.Count > 1 && segments[1].CreatedMs < closedMs) return false;
                }
            }
        }

        return true;
    }
}
