using Weir.Contracts;
using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>Decides which log segments have expired, by age and by the bytes of all partitions together.</summary>
internal sealed class Retention(FrameStoreOptions options, TimeProvider time)
{
    private readonly List<FrameStorePartition> _partitions = [];

    /// <summary>Takes a partition into account.</summary>
    public void Add(FrameStorePartition partition)
    {
        lock (_partitions) _partitions.Add(partition);
    }

    /// <summary>Whether segments of a partition have expired.</summary>
    /// <param name="partition">The partition that asks.</param>
    /// <param name="to">The first positions that remain.</param>
    public bool WantsAdvance(FrameStorePartition partition, out LogPositions to)
    {
        LogPositions from = partition.Progress.Positions;
        to = from;
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
            bool tooMuch = excess > 0 && IsOldest(closedMs);
            if (!expired && !tooMuch) break;
            kept = segments[i + 1].Start;
            excess -= segments[i].Bytes;
        }

        return kept;
    }

    private long ExcessBytes()
    {
        if (options.RetentionBytes is not { } most) return 0;
        lock (_partitions) return _partitions.Sum(static partition => partition.Live.SizeBytes + partition.Backfill.SizeBytes) - most;
    }

    // Above the byte limit the oldest segment anywhere goes first, whichever partition holds it.
    private bool IsOldest(long closedMs)
    {
        lock (_partitions)
        {
            foreach (FrameStorePartition partition in _partitions)
            {
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
