using Weir.Frames;

namespace Weir.Log;

/// <summary>Opens the segments of a log after any end, clean or not.</summary>
/// <remarks>
/// Older segments are taken as they are: they were durable before their successor was made. The newest is walked by its block
/// headers and indexes, and only its last block by its payloads. A last block without an intact header and index never became
/// durable and is cut off; damage that has an intact block behind it was durable once, and is kept and named. A newest segment
/// without any block counts for nothing but its name: the log goes on in a new one at its place, and what stands before it was whole when it was made, so that
/// nothing missing there is a torn end. What stands in an older one beyond the start of its successor is what a failed block left behind: it never counted.
/// <para>
/// The last block is written once more before anybody reads it: a process that was killed, or whose flush failed, may have left it in the system's memory alone,
/// and there as if it were on disk.
/// </para>
/// <para>
/// What the disk does not give is not taken for anything: where the newest segment cannot be read whole, all of it stays as it is, the log goes on in a new one, and
/// readers find out what of it is damaged.
/// </para>
/// </remarks>
/// <param name="files">File system.</param>
/// <param name="directory">Directory of the log.</param>
/// <param name="time">Clock, for a segment whose creation time is lost.</param>
/// <param name="recovery">Receives what was found.</param>
/// <param name="handles">Bounds the open files.</param>
/// <param name="attempts">Counts reads that fail.</param>
internal sealed class SegmentRecovery(IFileSystem files, string directory, TimeProvider time, LogRecovery recovery, SegmentHandles handles, ReadAttempts attempts)
{
    private const int CopyBytes = 64 * 1024;

    /// <summary>Whether all is left as it is.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Recovers a log.</summary>
    /// <param name="active">The newest segment, open for writing; null where there is none to go on with, where it cannot be read, or when reading only.</param>
    /// <returns>Segments, oldest first.</returns>
    public List<Segment> Run(out IFile? active)
    {
        var starts = new List<long>();
        foreach (string name in files.ListFiles(directory))
            if (Segment.TryParseName(name, out long start)) starts.Add(start);
        starts.Sort();
        List<Segment> segments = [.. starts.Select(Open)];
        NameGaps(segments);
        active = null;
        if (segments.Count == 0) return segments;
        Segment newest = segments[^1];
        long fileEnd = newest.End;
        bool isRead = TryFindEnd(newest, fileEnd, out BlockHeader? last);
        if (newest.End <= newest.Start + BlockFormat.SegmentHeaderBytes)
        {
            recovery.Damaged.RemoveAll(range => range.From >= newest.Start);
            newest.Dispose();
            segments.RemoveAt(segments.Count - 1);
            // As long as nothing is written in its place it says where the one before ends. Alone it says nothing, and would hide what is appended before it.
            if (segments.Count == 0 && !IsReadOnly) Remove(newest);
            return segments;
        }

        recovery.TornBytes = Math.Max(0, fileEnd - newest.End);
        if (!IsReadOnly && isRead) active = Settle(newest, last);
        return segments;
    }

    // The last block once more, now certainly on its way to the disk, and cut to what counts.
    private IFile? Settle(Segment newest, BlockHeader? last)
    {
        IFile active = files.Open(newest.Path, write: true);
        try
        {
            var bytes = new byte[CopyBytes];
            for (long at = last?.Position ?? newest.End; at < newest.End;)
            {
                Span<byte> chunk = bytes.AsSpan(0, (int)Math.Min(bytes.Length, newest.End - at));
                if (newest.TryRead(at, chunk)) active.Write(at - newest.Start, chunk);
                at += chunk.Length;
            }

            if (active.Length > newest.End - newest.Start) active.SetLength(newest.End - newest.Start);
            active.Flush();
            return active;
        }
        catch (Exception e)
        {
            active.Dispose();
            if (e is LogException { Error: LogError.ReadFailed }) return null;
            throw;
        }
    }

    private Segment Open(long start)
    {
        Span<byte> header = stackalloc byte[BlockFormat.SegmentHeaderBytes];
        string path = Path.Combine(directory, Segment.FileName(start));
        using IFile file = files.Open(path, write: false);
        long length = file.Length;
        bool intact = BlockFormat.TryReadSegmentHeader(header[..ReadHeader(file, header)], start, out long createdMs);
        if (!intact)
        {
            // As young as can be: what is before it must not expire by mistake.
            createdMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (length > 0) recovery.Damaged.Add((start, start + Math.Min(length, header.Length)));
        }

        return new Segment(files, directory, start, createdMs, handles, attempts) { End = start + length };
    }

    // Nothing but the creation time is lost with it.
    private static int ReadHeader(IFile file, Span<byte> header)
    {
        try
        {
            return file.Read(0, header);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // A segment ends where the next begins. One that is shorter lost its end; one that is missing left a gap.
    private void NameGaps(List<Segment> segments)
    {
        for (int i = 0; i + 1 < segments.Count; i++)
        {
            long end = segments[i].End, next = segments[i + 1].Start;
            if (end < next) recovery.Damaged.Add((end, next));
            segments[i].End = next;
        }
    }

    private bool TryFindEnd(Segment newest, long fileEnd, out BlockHeader? last)
    {
        int damaged = recovery.Damaged.Count;
        try
        {
            newest.End = FindDurableEnd(newest, fileEnd, out last);
            if (last is { } block && !HasIntactEntries(newest, block)) (newest.End, last) = (block.Position, null);
            return true;
        }
        catch (LogException e) when (e.Error == LogError.ReadFailed)
        {
            recovery.Damaged.RemoveRange(damaged, recovery.Damaged.Count - damaged);
            (newest.End, last) = (fileEnd, null);
            return false;
        }
    }

    private long FindDurableEnd(Segment segment, long fileEnd, out BlockHeader? last)
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
    private bool HasIntactEntries(Segment segment, in BlockHeader block)
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

    private void Remove(Segment segment)
    {
        recovery.Removed.Add(segment.Path);
        files.Delete(segment.Path);
        files.SyncDirectory(directory);
    }
}
