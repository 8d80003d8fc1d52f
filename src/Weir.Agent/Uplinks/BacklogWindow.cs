namespace Weir.Agent.Uplinks;

/// <summary>How many bytes of backlog may be on their way at a time: as many as the link takes without making what is fresh wait behind them.</summary>
/// <remarks>
/// What an ack takes beyond the quickest one of the connection is a queue that the backlog has built somewhere. While there is none the window doubles with
/// each round trip; it halves, once a round trip, when the queue is longer than a quarter of that quickest ack, within <see cref="ShortestQueue"/> and <see cref="LongestQueue"/>: what is fresh
/// waits no more than a little longer than it does anyway. Where acks vary by more than that, on uneven ways or slow disks, <see cref="Least"/> goes each round trip. Each <see cref="Memory"/> it begins anew: what was
/// quickest may have been another way, or an empty disk. Not thread-safe.
/// </remarks>
internal sealed class BacklogWindow(TimeProvider time, long most)
{
    /// <summary>Its size at first, and the least that it shrinks to: fifty times real time of a large host over a round trip of seconds.</summary>
    public const int Least = 16 * 1024;

    /// <summary>The queue that is allowed on the quickest link.</summary>
    public static readonly TimeSpan ShortestQueue = TimeSpan.FromMilliseconds(8);

    /// <summary>The queue that is allowed at most.</summary>
    public static readonly TimeSpan LongestQueue = TimeSpan.FromMilliseconds(25);

    /// <summary>How long the quickest ack counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private TimeSpan _quickest = TimeSpan.MaxValue;
    private long _since = time.GetTimestamp();
    private long _shrunkAt = long.MinValue;

    /// <summary>Bytes without an answer.</summary>
    public long Bytes { get; private set; } = Math.Min(Least, most);

    /// <summary>A batch of any class has been acked whole.</summary>
    /// <param name="sentAt">When it was sent, in the clock's timestamps.</param>
    /// <param name="backlogBytes">Its bytes, where it was backlog; otherwise 0.</param>
    public void Acked(long sentAt, int backlogBytes)
    {
        long now = time.GetTimestamp();
        TimeSpan took = time.GetElapsedTime(sentAt, now);
        if (time.GetElapsedTime(_since, now) >= Memory) (_since, _quickest, Bytes) = (now, took, Math.Min(Least, most));
        if (took < _quickest) _quickest = took;
        if (backlogBytes == 0) return;
        TimeSpan queue = took - _quickest, allowed = TimeSpan.FromTicks(Math.Clamp(_quickest.Ticks / 4, ShortestQueue.Ticks, LongestQueue.Ticks));
        if (queue <= allowed / 2)
        {
            Bytes = Math.Min(most, Bytes + backlogBytes);
        }
        else if (queue > allowed && sentAt >= _shrunkAt)
        {
            Bytes = Math.Max(Math.Min(Least, most), Bytes / 2);
            _shrunkAt = now;
        }
    }
}
