using Weir.Frames;

namespace Weir.Log;

/// <summary>Opens the segments of a log after any end, clean or not.</summary>
/// <remarks>
/// Older segments are taken as they are: they were durable before their successor was made. The newest is walked by its block
/// headers and indexes, and only its last block by its payloads. A last block without an intact header and index never became
/// durable and is cut off; damage that has an intact block behind it was durable once, and is kept and named. A newest segment
/// without any block is removed.
/// </remarks>
internal static class SegmentRecovery
{
    /// <summary>Recovers a log.</summary>
    /// <param name="files">File system.</param>
    /// <param name="directory">Directory of the log.</param>
    /// <param name="time">Clock, for a segment whose creation time is lost.</param>
    /// <param name="recovery">Receives what was found.</param>
    /// <param name="active">The newest segment, open for writing; null where there is none.</param>
    /// <returns>Segments, oldest first.</returns>
    public static List<Segment> Run(IFileSystem files, string directory, TimeProvider time, LogRecovery recovery, out IFile? active)
    {
        var starts = new List<long>();
        foreach (string name in files.ListFiles(directory))
            if (Segment.TryParseName(name, out long start)) starts.Add(start);
        starts.Sort();
        List<Segment> segments = [.. starts.Select(start => Open(files, directory, start, time, recovery))];
        NameGaps(segments, recovery);
        active = null;
        while (segments.Count > 0 && active is null)
        {
            Segment newest = segments[^1];
            long fileEnd = newest.End;
            newest.End = FindDurableEnd(newest, fileEnd, recovery, out BlockHeader? last);
            active = files.Open(newest.Path, write: true);
            if (last is { } block && !HasIntactEntries(newest, block, recovery)) newest.End = block.Position;
            if (newest.End <= newest.Start + BlockFormat.SegmentHeaderBytes)
            {
                active.Dispose();
                active = null;
                Remove(files, newest, recovery);
                segments.RemoveAt(segments.Count - 1);
            }
            else if (fileEnd > newest.End)
            {
                recovery.TornBytes = fileEnd - newest.End;
                // Durable with the next block; until then the next start would cut the same.
                active.SetLength(newest.End - newest.Start);
            }
        }

        return segments;
    }

    private static Segment Open(IFileSystem files, string directory, long start, TimeProvider time, LogRecovery recovery)
    {
        Span<byte> header = stackalloc byte[BlockFormat.SegmentHeaderBytes];
        string path = Path.Combine(directory, Segment.FileName(start));
        using IFile file = files.Open(path, write: false);
        long length = file.Length;
        bool intact = BlockFormat.TryReadSegmentHeader(header[..file.Read(0, header)], start, out long createdMs);
        if (!intact)
        {
            // As young as can be: what is before it must not expire by mistake.
            createdMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (length > 0) recovery.Damaged.Add((start, start + Math.Min(length, header.Length)));
        }

        return new Segment(files, directory, start, createdMs) { End = start + length };
    }

    // A segment ends where the next begins. One that is shorter lost its end; one that is missing left a gap.
    private static void NameGaps(List<Segment> segments, LogRecovery recovery)
    {
        for (int i = 0; i + 1 < segments.Count; i++)
        {
            long end = segments[i].End, next = segments[i + 1].Start;
            if (end < next) recovery.Damaged.Add((end, next));
            segments[i].End = next;
        }
    }

    private static long FindDurableEnd(Segment segment, long fileEnd, LogRecovery recovery, out BlockHeader? last)
    {
        var index = new ByteWriter();
        long at = segment.Start + BlockFormat.SegmentHeaderBytes;
        last = null;
        while (at < fileEnd)
        {
            if (segment.TryReadBlock(at, fileEnd, index, out BlockHeader header))
            {
                at = header.End;
                last = header;
                continue;
            }

            long next = segment.FindBlock(at + 1, fileEnd);
            if (next < 0) return at;
            recovery.Damaged.Add((at, next));
            at = next;
        }

        return Math.Min(at, fileEnd);
    }

    // The last block may have its index and lack some of its payloads: those are named, the others stay. False where nothing of
    // it is left: a torn block like any other.
    private static bool HasIntactEntries(Segment segment, in BlockHeader block, LogRecovery recovery)
    {
        var index = new ByteWriter(block.IndexBytes);
        segment.TryReadBlock(block.Position, block.End, index, out _);
        ReadOnlySpan<byte> rows = index.Written;
        long payloadAt = block.PayloadPosition;
        var damaged = new List<long>();
        for (int i = 0; i < block.Count; i++)
        {
            BlockRow row = BlockRow.Read(rows);
            if (!IsIntact(segment, payloadAt, row)) damaged.Add(payloadAt);
            rows = rows[row.Bytes..];
            payloadAt += row.PayloadLength;
        }

        if (damaged.Count == block.Count) return false;
        recovery.DamagedEntryPositions.AddRange(damaged);
        return true;
    }

    private static bool IsIntact(Segment segment, long position, in BlockRow row)
    {
        var payload = new byte[row.PayloadLength];
        return segment.TryRead(position, payload) && Crc32C.Compute(payload) == row.PayloadCrc;
    }

    private static void Remove(IFileSystem files, Segment segment, LogRecovery recovery)
    {
        recovery.Removed.Add(segment.Path);
        recovery.Damaged.RemoveAll(range => range.From >= segment.Start);
        segment.Dispose();
        files.Delete(segment.Path);
    }
}
