namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Has PDH look for new objects and counters: a minute after the last time at first, twice as long each time up to an hour, and only when somebody misses one.</summary>
/// <remarks>
/// A refresh takes a lock of the whole of PDH and may take seconds. Any thread may ask; while one refreshes the others go on without. Whoever misses a counter
/// remembers the <see cref="Generation"/> at which it was not there, and looks again at the next.
/// </remarks>
internal sealed class PdhRefresh(TimeProvider time)
{
    /// <summary>The least time to the first.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();

    // PDH has just looked when the first query is made.
    private long _at = time.GetTimestamp();
    private int _generation;

    /// <summary>How many there have been.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Refreshes where it is time to, and gives the generation.</summary>
    public unsafe int Ask()
    {
        if (!_lock.TryEnter()) return Generation;
        try
        {
            if (time.GetElapsedTime(_at) < (_generation >= 6 ? LongestPause : Pause * (1 << _generation))) return Generation;
            uint characters = 0;
            // Without room for the list, which nobody wants, it refreshes all the same and answers PDH_MORE_DATA.
            _ = PdhNative.PdhEnumObjectsW(null, null, null, ref characters, PdhNative.AllDetails, refresh: 1);
            _at = time.GetTimestamp();
            return Interlocked.Increment(ref _generation);
        }
        finally
        {
            _lock.Exit();
        }
    }
}
