namespace Weir.Log;

/// <summary>Reads everything in a log and names what does not stand as it was written.</summary>
/// <param name="log">The log; one opened for reading only may be in use.</param>
public sealed class LogVerifier(SegmentLog log)
{
    /// <summary>Entries read so far, damaged ones among them.</summary>
    public long Entries { get; private set; }

    /// <summary>Bytes of payload read so far.</summary>
    public long PayloadBytes { get; private set; }

    /// <summary>Reads the log from its start to the end that it had when it was opened.</summary>
    public IEnumerable<LogDamage> Run()
    {
        long end = log.DurableEnd, skipped = 0;
        foreach ((long from, long to) in log.Recovery.DamagedRanges)
            if (to - from <= BlockFormat.SegmentHeaderBytes && log.Segments.Any(segment => segment.Start == from)) yield return new LogDamage(from, to, null);
        using LogReader reader = log.OpenReader(log.Start, LogReadMode.Payloads);
        while (true)
        {
            long before = reader.Position;
            bool found = reader.TryRead(out LogEntry entry);
            if (reader.SkippedBytes > skipped)
            {
                skipped = reader.SkippedBytes;
                yield return new LogDamage(before, found ? entry.Position : reader.Position, null);
            }

            if (!found || entry.Position >= end) yield break;
            Entries++;
            PayloadBytes += entry.PayloadLength;
            if (entry.Damaged) yield return new LogDamage(entry.Position, entry.Next, entry.Index.ToArray());
        }
    }
}

/// <summary>Damage in a log.</summary>
/// <param name="From">First position.</param>
/// <param name="To">The position behind it.</param>
/// <param name="Index">The index of the entry whose payload is broken; null where a header or index is, and whatever stood there is lost.</param>
public sealed record LogDamage(long From, long To, byte[]? Index);
