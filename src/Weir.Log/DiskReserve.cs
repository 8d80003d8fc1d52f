namespace Weir.Log;

/// <summary>Room on the disk that is kept for the steps that end things well: a file that is given up when the disk is full and taken back when there is room.</summary>
/// <remarks>
/// <para>
/// While it is held, everything is written as usual. Whoever meets a full disk gives it up; logs then refuse appends, and what must still be written (truncations, acks,
/// tombstones, manifests, state) has its room. A log asks <see cref="TryHold"/> before it writes on, so appends resume when the reserve stands again and as much is free beside it.
/// </para>
/// <para>Thread-safe; one reserve per data directory, shared by all that is in it. Nothing about it needs to survive a crash.</para>
/// </remarks>
/// <param name="files">File system.</param>
/// <param name="directory">Where it lies; must exist.</param>
/// <param name="bytes">Its size; 0 for none: nothing is kept, and appends that find the disk full fail one by one.</param>
/// <param name="time">Clock for the distance between attempts.</param>
public sealed class DiskReserve(IFileSystem files, string directory, long bytes, TimeProvider time)
{
    /// <summary>Name of the file.</summary>
    public const string Name = "RESERVE";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(directory, Name);
    private bool _isHeld;
    private long _failedAt;

    /// <summary>Bytes held now; 0 while the disk is full.</summary>
    public long HeldBytes => Volatile.Read(ref _isHeld) ? bytes : 0;

    /// <summary>Whether the reserve stands, or could be taken now. Tries once a second at most.</summary>
    public bool TryHold()
    {
        if (bytes == 0 || Volatile.Read(ref _isHeld)) return true;
        lock (_lock)
        {
            if (_isHeld) return true;
            if (_failedAt != 0 && time.GetElapsedTime(_failedAt) < Pause) return false;
            bool isHeld = TryTake();
            _failedAt = isHeld ? 0 : time.GetTimestamp();
            Volatile.Write(ref _isHeld, isHeld);
            return isHeld;
        }
    }

    /// <summary>The disk is full: makes room for what must still be written.</summary>
    /// <returns>Whether there was a reserve to give up.</returns>
    public bool TryGiveUp()
    {
        lock (_lock)
        {
            if (!_isHeld) return false;
            Volatile.Write(ref _isHeld, false);
            return TryDelete();
        }
    }

    /// <summary>Room was made: the next <see cref="TryHold"/> tries at once.</summary>
    public void RetryNow()
    {
        lock (_lock) _failedAt = 0;
    }

    // Twice its size at first: where no more than the reserve itself is free, it would be given up again with the next append.
    private bool TryTake()
    {
        try
        {
            if (files.FileExists(_path))
            {
                using IFile found = files.Open(_path, write: false);
                if (found.Length == bytes) return true;
            }

            TryDelete();
            using IFile file = files.Create(_path);
            file.Allocate(2 * bytes);
            file.SetLength(bytes);
            file.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete();
            return false;
        }
    }

    private bool TryDelete()
    {
        try
        {
            if (files.FileExists(_path)) files.Delete(_path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays as it is, and is found the next time.
            return false;
        }
    }
}
