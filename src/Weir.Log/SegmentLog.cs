namespace Weir.Log;

/// <summary>A durable append-only log in one directory: the agent's spool and the embedded log.</summary>
/// <remarks>
/// <para>Positions are byte offsets over all segments and never change their content. Safe for concurrent use.</para>
/// <para>
/// Invariant: nothing is acknowledged or readable before an fsync that covers it has returned, and the next block is not begun
/// before the fsync of the one before. So after a crash only the last block can be torn, and everything before it is whole.
/// A new segment's header and name are made durable before its first block; segments are unlinked oldest first, each unlink made durable
/// before the next, so that what remains is gap-free. <c>CrashTests</c> drops subsets of what was not made durable between every
/// two steps; <c>MutantTests</c> shows that leaving out any one flush is noticed, and so that none is there in vain.
/// </para>
/// <para>
/// A failed write or flush fails the block's appends and nothing else: <see cref="SegmentWriter"/> says how the log goes on. So does a full disk: later appends work as soon as
/// there is room.
/// </para>
/// </remarks>
public sealed class SegmentLog : IAsyncDisposable
{
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly SegmentLogOptions _options;
    private readonly IDisposable? _held;
    private readonly Lock _lock = new();
    private readonly Lock _truncating = new();
    private readonly SegmentWriter _writer;
    private readonly Queue<string> _unlinking = [];
    private readonly List<Segment> _segments;
    private readonly HashSet<long> _damaged;
    private PendingBlock _filling = new();
    private PendingBlock _writing = new();
    private Task _committing = Task.CompletedTask;
    private bool _commitRunning;
    private TaskCompletionSource? _grown;
    private bool _closed;
    private bool _disposed;

    // Where an empty log goes on, and positions before the first segment that were lost: readers that are to begin there begin behind them.
    private long _emptyAt;
    private (long From, long To) _gone;

    private SegmentLog(
        IFileSystem files, string directory, SegmentLogOptions options, IDisposable? held, List<Segment> segments, SegmentWriter writer, HashSet<long> damaged, LogRecovery recovery)
    {
        _files = files;
        _writer = writer;
        _directory = directory;
        _options = options;
        _held = held;
        _segments = segments;
        _damaged = damaged;
        Recovery = recovery;
    }

    /// <summary>What opening found.</summary>
    public LogRecovery Recovery { get; }

    /// <summary>The first position still held.</summary>
    public long Start
    {
        get
        {
            lock (_lock) return First;
        }
    }

    /// <summary>Everything below is durable and readable.</summary>
    public long DurableEnd
    {
        get
        {
            lock (_lock) return End;
        }
    }

    /// <summary>First position of the newest segment; -1 in an empty log.</summary>
    public long NewestStart
    {
        get
        {
            lock (_lock) return _segments.Count == 0 ? -1 : _segments[^1].Start;
        }
    }

    /// <summary>Whether the next block begins a segment.</summary>
    public bool NextBlockBeginsSegment
    {
        get
        {
            lock (_lock) return _segments.Count == 0 || _writer.Begins(_segments[^1].End - _segments[^1].Start);
        }
    }

    /// <summary>Bytes on disk.</summary>
    public long SizeBytes
    {
        get
        {
            lock (_lock) return End - First;
        }
    }

    /// <summary>Segments, oldest first; the last is written to.</summary>
    public IReadOnlyList<LogSegment> Segments
    {
        get
        {
            lock (_lock) return [.. _segments.Select(static segment => new LogSegment(segment.Start, segment.End, segment.CreatedMs))];
        }
    }

    /// <summary>Blocks written since the log was opened: each is one group commit with one fsync.</summary>
    public long Commits { get; private set; }

    /// <summary>Entries appended since the log was opened.</summary>
    public long Appends { get; private set; }

    private long First => _segments.Count == 0 ? _emptyAt : _segments[0].Start;

    private long End => _segments.Count == 0 ? _emptyAt : _segments[^1].End;

    /// <summary>Opens or creates a log.</summary>
    /// <exception cref="LogException">In use, of a newer format, not a log, or not writable.</exception>
    public static SegmentLog Open(IFileSystem files, string directory, SegmentLogOptions options)
    {
        files.CreateDirectory(directory);
        IDisposable held;
        try
        {
            held = files.Lock(Path.Combine(directory, "LOCK"));
        }
        catch (IOException e)
        {
            throw new LogException(LogError.InUse, directory, $"{directory} is in use by another process: stop it, or use another directory", inner: e);
        }

        try
        {
            LogFormatFile.Check(files, directory);
            var recovery = new LogRecovery();
            var handles = new SegmentHandles();
            var attempts = new ReadAttempts(options.Time);
            List<Segment> segments = new SegmentRecovery(files, directory, options.Time, recovery, handles, attempts).Run(out IFile? active);
            HashSet<long> damaged = DamageFile.Update(files, directory, recovery.DamagedEntries, segments.Count == 0 ? (0, 0) : (segments[0].Start, segments[^1].End));
            var writer = new SegmentWriter(files, directory, options, handles, attempts, active);
            return new SegmentLog(files, directory, options, held, segments, writer, damaged, recovery);
        }
        catch (Exception e)
        {
            held.Dispose();
            if (e is not IOException or LogException) throw;
            throw DiskFull.Is(e)
                ? new LogException(LogError.DiskFull, directory, $"the disk of {directory} is full: free some space", inner: e)
                : new LogException(LogError.WriteFailed, directory, $"{directory} cannot be opened: {e.Message}", inner: e);
        }
    }

    /// <summary>Opens a log to look at it: nothing is written or locked, so that it may be in use. Appends fail with <see cref="LogError.Closed"/>.</summary>
    /// <remarks>Shows what was there when it was opened. Segments that its user unlinks meanwhile read as if they were damaged.</remarks>
    /// <exception cref="LogException">Of a newer format, or not a log.</exception>
    public static SegmentLog OpenReadOnly(IFileSystem files, string directory, SegmentLogOptions options)
    {
        if (!files.DirectoryExists(directory) || !LogFormatFile.Exists(files, directory)) throw new LogException(LogError.NotALog, directory, $"{directory} holds no log of weir");
        LogFormatFile.Check(files, directory);
        var recovery = new LogRecovery();
        var handles = new SegmentHandles();
        var attempts = new ReadAttempts(options.Time, most: 1);
        List<Segment> segments = new SegmentRecovery(files, directory, options.Time, recovery, handles, attempts) { IsReadOnly = true }.Run(out _);
        HashSet<long> damaged = [.. DamageFile.Read(files, directory), .. recovery.DamagedEntries];
        return new SegmentLog(files, directory, options, null, segments, new SegmentWriter(files, directory, options, handles, attempts, null), damaged, recovery) { _closed = true };
    }

    /// <summary>Appends an entry; completes when it is durable, and only then. Both spans are copied before the call returns.</summary>
    /// <param name="index">A short summary that block indexes carry: rebuilds read it instead of the payload, and it names a damaged payload.</param>
    /// <param name="payload">The entry.</param>
    /// <param name="cancellationToken">Gives up waiting, not the append.</param>
    /// <returns>The payload's position.</returns>
    /// <exception cref="LogException">Too large, overloaded, disk full, failed or closed; the entry is not in the log.</exception>
    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> index, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        await Append(index.Span, payload.Span, isClosing: false, out int offset).WaitAsync(cancellationToken) + offset;

    /// <summary>Appends an entry as <see cref="AppendAsync"/> does, into the reserve where the disk is full: for what ends things well, as tombstones do.</summary>
    public async ValueTask<long> AppendClosingAsync(ReadOnlyMemory<byte> index, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        await Append(index.Span, payload.Span, isClosing: true, out int offset).WaitAsync(cancellationToken) + offset;

    /// <summary>Reads from a position on.</summary>
    /// <param name="from"><see cref="Start"/>, a segment's start, an entry's position or next position, or <see cref="DurableEnd"/>.</param>
    /// <param name="mode">What to read.</param>
    /// <exception cref="LogException">The position is not held.</exception>
    public LogReader OpenReader(long from, LogReadMode mode)
    {
        lock (_lock)
        {
            long start = First;
            if (from >= _gone.From && from < _gone.To) from = _gone.To;
            if (from < start || from > End)
            {
                throw new LogException(
                    LogError.PositionOutOfRange, _directory, $"position {from} is not held: the log of {_directory} reaches from {start} to {End}", from);
            }
        }

        return new LogReader(this, mode, from);
    }

    /// <summary>Reads bytes out of a payload. The caller checks what it gets by a checksum of its own.</summary>
    /// <returns>False where the position is not held or not durable.</returns>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give them now.</exception>
    public bool TryReadAt(long position, Span<byte> destination)
    {
        Segment? segment = SegmentAt(position, out long limit);
        return segment is not null && position + destination.Length <= limit && segment.TryRead(position, destination);
    }

    /// <summary>Takes it that positions which others remember were lost with an end of the log: names them, and never gives them out again.</summary>
    /// <remarks>
    /// Before the first append. Damage to the last block that was durable looks like a block that never was, and is cut off; the position behind it was given out all the same.
    /// Nothing is written: until a block stands behind the gap, each start finds it anew, and afterwards as that of a segment cut short.
    /// </remarks>
    /// <param name="from">Where reading goes on. Where the log begins behind it, <see cref="OpenReader"/> takes it for <see cref="Start"/>.</param>
    /// <param name="floor">Behind all positions that are remembered; where the log ends before it, the next block begins a segment there.</param>
    /// <returns>What was named.</returns>
    public IReadOnlyList<(long From, long To)> StepOver(long from, long floor)
    {
        var gaps = new List<(long From, long To)>();
        lock (_lock)
        {
            if (End < floor)
            {
                gaps.Add((End, floor));
                if (_segments.Count == 0) _emptyAt = floor;
                else _segments[^1].End = floor;
                _writer.EndSegment();
            }

            if (from < First)
            {
                _gone = (from, First);
                if (_segments.Count > 0) gaps.Add(_gone);
            }

            Recovery.Damaged.AddRange(gaps);
        }

        return gaps;
    }

    /// <summary>Lets the next block begin a segment: what stands before can be given up sooner than segments fill.</summary>
    public void EndSegment() => _writer.EndSegment();

    /// <summary>Completes when there is something durable behind a position.</summary>
    public ValueTask WaitBeyondAsync(long position, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (End > position) return ValueTask.CompletedTask;
            _grown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_grown.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Unlinks the segments that lie wholly before a position; never the one that is written to.</summary>
    /// <returns>The new <see cref="Start"/>.</returns>
    /// <exception cref="IOException">A segment cannot be unlinked: it is read no more, and the next truncation begins with it.</exception>
    public long TruncateBefore(long position)
    {
        // One truncation at a time, and none past a segment that would not go: what remains after a crash must be gap-free.
        lock (_truncating)
        {
            while (true)
            {
                while (_unlinking.TryPeek(out string? path))
                {
                    if (_files.FileExists(path)) _files.Delete(path);
                    _files.SyncDirectory(_directory);
                    _unlinking.Dequeue();
                    _writer.RetryNow();
                }

                Segment segment;
                lock (_lock)
                {
                    if (_segments.Count < 2 || _segments[1].Start > position) return Start;
                    segment = _segments[0];
                    _segments.RemoveAt(0);
                }

                segment.Dispose();
                _unlinking.Enqueue(segment.Path);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task committing;
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = _closed = true;
            committing = _committing;
        }

        await committing;
        _writer.Dispose();
        foreach (Segment segment in _segments) segment.Dispose();
        _held?.Dispose();
    }

    /// <summary>Starts an append: copies both spans into the block that fills.</summary>
    /// <param name="index">See <see cref="AppendAsync"/>.</param>
    /// <param name="payload">The entry.</param>
    /// <param name="isClosing">Whether it may use the reserve.</param>
    /// <param name="offset">Where the payload lies behind the block's first.</param>
    /// <returns>The position of the block's first payload, once the block is durable. Shared by all appends of the block.</returns>
    internal Task<long> Append(ReadOnlySpan<byte> index, ReadOnlySpan<byte> payload, bool isClosing, out int offset)
    {
        int bytes = index.Length + payload.Length;
        if (bytes > _options.MaxEntryBytes)
            throw new LogException(LogError.TooLarge, _directory, $"an entry of {bytes} bytes is larger than the {_options.MaxEntryBytes} that this log takes");
        lock (_lock)
        {
            if (_closed) throw new LogException(LogError.Closed, _directory, "the log is closed");
            if (_filling.Count > 0 && _filling.Bytes + bytes > _options.MaxPendingBytes)
                throw new LogException(LogError.Overloaded, _directory, $"more than {_options.MaxPendingBytes} bytes wait to become durable: try again soon");
            offset = _filling.Add(index, payload);
            _filling.IsClosing |= isClosing;
            if (!_commitRunning)
            {
                _commitRunning = true;
                _committing = Task.Run(CommitPendingAsync, CancellationToken.None);
            }

            return _filling.Completion;
        }
    }

    /// <summary>Whether recovery found the payload at a position broken.</summary>
    internal bool IsMarkedDamaged(long position) => _damaged.Contains(position);

    /// <summary>The segment that holds a position, and how far it may be read; null at or behind the durable end.</summary>
    internal Segment? SegmentAt(long position, out long limit)
    {
        lock (_lock)
        {
            limit = 0;
            for (int i = _segments.Count - 1; i >= 0; i--)
            {
                if (_segments[i].Start > position) continue;
                limit = _segments[i].End;
                // What follows a damaged end belongs to the next segment.
                if (position >= limit && i + 1 < _segments.Count) return null;
                return position < limit ? _segments[i] : null;
            }

            return null;
        }
    }

    // One block after the other until nothing waits. Runs on the pool, so that an idle log holds no thread. Each block begins behind the work that is
    // ready on the pool by then, and so takes in what that appends: the busier the process, the more entries share an fsync.
    private async Task CommitPendingAsync()
    {
        while (true)
        {
            await Task.Yield();
            PendingBlock block;
            lock (_lock)
            {
                if (_filling.Count == 0)
                {
                    _commitRunning = false;
                    return;
                }

                (_filling, _writing) = (_writing, _filling);
                block = _writing;
            }

            Commit(block);
            lock (_lock) block.Reset();
        }
    }

    private void Commit(PendingBlock block)
    {
        Segment? newest;
        long end;
        lock (_lock) (newest, end) = (_segments.Count == 0 ? null : _segments[^1], End);
        try
        {
            Segment? begun = _writer.Write(block, newest, end, out BlockHeader header);
            Publish(begun, header.End, block.Count);
            block.Complete(header.PayloadPosition);
        }
        catch (LogException e)
        {
            block.Fail(e);
        }
    }

    private void Publish(Segment? begun, long end, int entries)
    {
        TaskCompletionSource? grown;
        lock (_lock)
        {
            if (begun is not null) _segments.Add(begun);
            _segments[^1].End = end;
            Commits++;
            Appends += entries;
            grown = _grown;
            _grown = null;
        }

        grown?.SetResult();
    }
}
