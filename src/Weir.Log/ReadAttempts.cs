namespace Weir.Log;

/// <summary>Tells what the disk does not give at the moment from what it does not give any more: a place of a log counts as damaged once reading it has failed often enough in a row, at intervals.</summary>
/// <remarks>
/// Counted in memory: a restart begins anew, and so does a read that works; what has come to count as damaged stays on disk until its segment goes. Attempts between two that count are made and change nothing. Thread-safe.
/// </remarks>
/// <param name="time">Clock.</param>
/// <param name="most">Failures that make a place damaged: 1 where nobody would try again, as for looking at a log.</param>
internal sealed class ReadAttempts(TimeProvider time, int most = ReadAttempts.Most)
{
    /// <summary>Failures that make a place damaged: 1, 2, 4 and 8 s apart at least.</summary>
    public const int Most = 5;

    // A disk that gives this little is not damaged in places: nothing of it is given up, and all is counted anew.
    private const int MaxPlaces = 4096;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, (int Failures, long At)> _places = [];

    // Of places, to be looked at without the lock: nearly every read works, and none has failed.
    private volatile int _count;

    /// <summary>Whether nobody would try again: what cannot be opened is then told like what cannot be read.</summary>
    public bool IsLook => most == 1;

    /// <summary>Reading has failed at a position.</summary>
    /// <returns>Whether what stands there counts as damaged.</returns>
    public bool Fail(long position)
    {
        lock (_lock)
        {
            (int failures, long at) = _places.GetValueOrDefault(position);
            if (failures == 0 || (failures < most && time.GetElapsedTime(at) >= FirstPause * (1 << (failures - 1))))
            {
                if (failures == 0 && _places.Count >= MaxPlaces) _places.Clear();
                _places[position] = (++failures, time.GetTimestamp());
                _count = _places.Count;
            }

            return failures >= most;
        }
    }

    /// <summary>Reading has worked at a position: what failed before it was of the moment.</summary>
    public void Succeed(long position)
    {
        if (_count == 0) return;
        lock (_lock)
        {
            _places.Remove(position);
            _count = _places.Count;
        }
    }
}
