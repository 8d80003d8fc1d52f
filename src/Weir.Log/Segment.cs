using System.Globalization;
using Weir.Frames;

namespace Weir.Log;

/// <summary>One segment file, for reading. Positions are those of the log.</summary>
/// <remarks>
/// The handle is opened when it is needed and shared by all readers; reads run side by side. <see cref="SegmentHandles"/> closes those of segments not read lately.
/// Bytes that are not there or are not what was written are told by false; those that the disk does not give by <see cref="LogError.ReadFailed"/>, until <see cref="ReadAttempts"/> have made damage of them.
/// </remarks>
internal sealed class Segment(IFileSystem files, string directory, long start, long createdMs, SegmentHandles handles, ReadAttempts attempts) : IDisposable
{
    private const string Extension = ".seg";
    private const int ScanBytes = 64 * 1024;
    private const int PageBytes = 4096;

    private readonly Lock _lock = new();
    private IFile? _file;
    private bool _disposed;

    public string Path { get; } = System.IO.Path.Combine(directory, FileName(start));

    public long Start { get; } = start;

    public long CreatedMs { get; } = createdMs;

    /// <summary>The position behind the last durable byte. Grows while the segment is the active one.</summary>
    public long End { get; set; }

    public static string FileName(long start) => start.ToString("D20", CultureInfo.InvariantCulture) + Extension;

    public static bool TryParseName(string name, out long start)
    {
        start = 0;
        return name.Length == 20 + Extension.Length && name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out start);
    }

    /// <summary>Reads bytes; false where the file ends before, or is gone.</summary>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give them now.</exception>
    public bool TryRead(long position, Span<byte> target)
    {
        bool isThere = TryRead(position, target, out Exception? failure);
        if (failure is not null && !attempts.Fail(position)) throw ReadFailed(position, failure);
        if (failure is null) attempts.Succeed(position);
        return isThere;
    }

    /// <summary>Reads the header and index of the block at a position.</summary>
    /// <param name="position">Where the block should stand.</param>
    /// <param name="limit">The block must end at or before it.</param>
    /// <param name="index">Receives the index.</param>
    /// <param name="header">The header.</param>
    /// <returns>False where there is no intact block header and index.</returns>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give them now.</exception>
    public bool TryReadBlock(long position, long limit, ByteWriter index, out BlockHeader header)
    {
        Span<byte> bytes = stackalloc byte[BlockFormat.BlockHeaderBytes];
        header = default;
        if (position + bytes.Length > limit || !TryRead(position, bytes)) return false;
        if (!BlockFormat.TryReadBlockHeader(bytes, position, out header) || header.End > limit) return false;
        index.Clear();
        Span<byte> rows = index.Reserve(header.IndexBytes)[..header.IndexBytes];
        if (!TryRead(header.IndexPosition, rows) || Crc32C.Compute(rows) != header.IndexCrc) return false;
        index.Advance(header.IndexBytes);
        return true;
    }

    /// <summary>The next intact block behind damage; -1 where there is none before the limit.</summary>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give all that lies before it now.</exception>
    public long FindBlock(long from, long limit)
    {
        var index = new ByteWriter();
        var buffer = new byte[ScanBytes];
        bool byPage = false;
        long next = -1;
        (long Position, Exception Failure)? notGiven = null;
        // A file may have lost its end.
        long held = Math.Min(limit, Start + Length());
        for (long at = from; next < 0 && at + BlockFormat.BlockHeaderBytes <= held;)
        {
            // Page by page behind a read that failed, so that a page that the disk does not give hides no block beside it.
            int left = PageBytes - (int)((at - Start) % PageBytes);
            int wanted = !byPage ? ScanBytes : left < BlockFormat.BlockMagicBytes.Length ? left + PageBytes : left;
            int length = (int)Math.Min(wanted, held - at);
            Span<byte> chunk = buffer.AsSpan(0, length);
            if (!TryRead(at, chunk, out Exception? failure))
            {
                // Each page counts for itself: one that is damaged must not take others with it that fail for a moment.
                if (byPage && failure is not null && !attempts.Fail(PageOf(at))) notGiven ??= (at, failure);
                if (byPage) at += left;
                byPage = true;
                continue;
            }

            for (long page = PageOf(at); page < at + length; page += PageBytes) attempts.Succeed(page);
            next = FindIn(chunk, at, limit, index);
            // The magic may straddle two chunks.
            at += Math.Max(1, length - (BlockFormat.BlockMagicBytes.Length - 1));
        }

        if (notGiven is { } failed) throw ReadFailed(failed.Position, failed.Failure);
        return next;
    }

    /// <summary>Closes the file until it is read again.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    public void Dispose()
    {
        lock (_lock) _disposed = true;
        Close();
    }

    private long FindIn(ReadOnlySpan<byte> chunk, long position, long limit, ByteWriter index)
    {
        for (int at = 0; ; at++)
        {
            int found = chunk[at..].IndexOf(BlockFormat.BlockMagicBytes);
            if (found < 0) return -1;
            at += found;
            if (TryReadBlock(position + at, limit, index, out _)) return position + at;
        }
    }

    // A file that cannot be opened says nothing of its bytes: another program holds it, or there are too many open. However often, that is no damage.
    private bool TryRead(long position, Span<byte> target, out Exception? failure)
    {
        failure = null;
        while (true)
        {
            IFile? file;
            try
            {
                file = File();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!attempts.IsLook) throw ReadFailed(position, e);
                failure = e;
                return false;
            }

            try
            {
                return file is not null && file.Read(position - Start, target) == target.Length;
            }
            catch (ObjectDisposedException)
            {
                // Closed meanwhile, in favour of others: opened again, unless the segment is unlinked.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
                return false;
            }
        }
    }

    private long PageOf(long position) => position - ((position - Start) % PageBytes);

    private long Length()
    {
        try
        {
            return File()?.Length ?? 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Unknown: reads behind the end find nothing.
            return long.MaxValue - Start;
        }
    }

    // Null where it is gone.
    private IFile? File()
    {
        IFile? opened;
        lock (_lock)
        {
            if (_disposed || _file is not null) return _file;
            try
            {
                _file = opened = files.Open(Path, write: false);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
        }

        handles.Opened(this);
        return opened;
    }

    private LogException ReadFailed(long position, Exception e) =>
        new(LogError.ReadFailed, Path, $"{Path} cannot be read at position {position}: {e.Message}; it is tried again", position, e);
}
