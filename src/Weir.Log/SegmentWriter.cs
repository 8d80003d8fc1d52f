namespace Weir.Log;

/// <summary>Writes blocks to the newest segment, and begins new ones.</summary>
/// <remarks>
/// <para>
/// Invariant: after a failed write or flush nobody knows what of the block is on disk, and the system may count it as written: that file is closed, never written or flushed
/// again, and the next block begins a segment at the durable end. What the failed block left behind that end is covered by the new segment's name, and recovery ignores it.
/// <c>CrashTests</c> lets flushes fail and then stops between every two steps. A full disk met while writing is the exception: the block is cut off and the file goes on.
/// </para>
/// <para>
/// A segment counts from its first durable block on: one whose first block fails is unlinked again. New files are tried once a second at most. Not thread-safe: one commit at a time.
/// </para>
/// </remarks>
internal sealed class SegmentWriter(IFileSystem files, string directory, SegmentLogOptions options, SegmentHandles handles, ReadAttempts attempts, IFile? active) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private IFile? _active = active;
    private volatile LogException? _failed;
    private long _failedAt;
    private int _endAsked;

    /// <summary>Lets the next block begin a segment.</summary>
    public void EndSegment() => Volatile.Write(ref _endAsked, 1);

    /// <summary>Whether the block after a segment of this many bytes begins another.</summary>
    public bool Begins(long segmentBytes) => Volatile.Read(ref _active) is null || segmentBytes >= options.MaxSegmentBytes || Volatile.Read(ref _endAsked) != 0;

    /// <summary>Room was made: the next block is tried at once, if it is for lack of room that it would have to wait.</summary>
    public void RetryNow()
    {
        if (_failed is { Error: LogError.DiskFull }) _failed = null;
        options.Reserve?.RetryNow();
    }

    /// <summary>Makes a block durable.</summary>
    /// <param name="block">The block.</param>
    /// <param name="newest">The segment to go on with; null in an empty log.</param>
    /// <param name="end">The durable end.</param>
    /// <param name="header">The block's header.</param>
    /// <returns>The segment that the block begins; null where it went into the newest.</returns>
    /// <exception cref="LogException">It did not become durable.</exception>
    public Segment? Write(PendingBlock block, Segment? newest, long end, out BlockHeader header)
    {
        if (options.Reserve?.TryHold() == false && !block.IsClosing) throw Full(null);
        if (TryWrite(block, newest, end, out Segment? begun, out header) is not { } error) return begun;
        if (error.Error == LogError.DiskFull && options.Reserve?.TryGiveUp() == true)
        {
            // The room is there from now on, also for a closing block that comes after one that may not use it.
            RetryNow();
            if (block.IsClosing) error = TryWrite(block, newest, end, out begun, out header);
        }

        return error is null ? begun : throw error;
    }

    /// <inheritdoc/>
    public void Dispose() => _active?.Dispose();

    private LogException? TryWrite(PendingBlock block, Segment? newest, long end, out Segment? begun, out BlockHeader header)
    {
        begun = null;
        header = default;
        if (_failed is { } failed && options.Time.GetElapsedTime(_failedAt) < Pause) return failed;
        bool begins = newest is null || Begins(newest.End - newest.Start);
        try
        {
            if (begins) begun = WriteFirst(block, end, out header);
            else WriteNext(block, newest!, out header);
            _failed = null;
            return null;
        }
        catch (Exception e)
        {
            LogException error = DiskFull.Is(e) ? Full(e) : Failed(e);
            if (begins || _active is null) (_failed, _failedAt) = (error, options.Time.GetTimestamp());
            return error;
        }
    }

    private void WriteNext(PendingBlock block, Segment segment, out BlockHeader header)
    {
        header = block.Seal(segment.End);
        try
        {
            Write(_active!, block, segment.Start, header);
        }
        catch (IOException e) when (DiskFull.Is(e) && TryCutBack(segment))
        {
            throw;
        }
        catch
        {
            Abandon();
            throw;
        }

        try
        {
            _active!.Flush();
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    // The old segment is durable to its end, so the new one may begin there. Its header and name are durable before its first block.
    private Segment WriteFirst(PendingBlock block, long start, out BlockHeader header)
    {
        long createdMs = options.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var segment = new Segment(files, directory, start, createdMs, handles, attempts);
        // What an attempt before could not unlink.
        if (files.FileExists(segment.Path)) files.Delete(segment.Path);
        IFile file = files.Create(segment.Path);
        try
        {
            Span<byte> bytes = stackalloc byte[BlockFormat.SegmentHeaderBytes];
            BlockFormat.WriteSegmentHeader(bytes, start, createdMs);
            file.Write(0, bytes);
            file.Flush();
            files.SyncDirectory(directory);
            header = block.Seal(start + BlockFormat.SegmentHeaderBytes);
            Write(file, block, start, header);
            file.Flush();
        }
        catch
        {
            file.Dispose();
            TryDelete(segment.Path);
            throw;
        }

        _active?.Dispose();
        Volatile.Write(ref _active, file);
        Volatile.Write(ref _endAsked, 0);
        return segment;
    }

    private static void Write(IFile file, PendingBlock block, long start, in BlockHeader header)
    {
        file.Write(header.Position - start, block.Head.Written);
        file.Write(header.PayloadPosition - start, block.Payloads.Written);
    }

    private void Abandon()
    {
        _active?.Dispose();
        Volatile.Write(ref _active, null);
    }

    // What of the block reached the file is behind the durable end: nobody has seen it, and it may go.
    private bool TryCutBack(Segment segment)
    {
        try
        {
            _active!.SetLength(segment.End - segment.Start);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void TryDelete(string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing in it counts; the next attempt unlinks it, or recovery does.
        }
    }

    private LogException Full(Exception? e) =>
        new(LogError.DiskFull, directory, $"the disk of {directory} is full: free some space, appends go on by themselves then", inner: e);

    private LogException Failed(Exception e) =>
        new(LogError.WriteFailed, directory, $"writing to {directory} failed: {e.Message}; the entry is not in the log, and the next begins a new segment", inner: e);
}
