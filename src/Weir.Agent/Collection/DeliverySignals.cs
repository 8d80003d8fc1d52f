namespace Weir.Agent.Collection;

/// <summary>What delivery tells collection: whether somebody watches, whether anybody receives and keeps up, and that a new epoch began.</summary>
/// <remarks>
/// Thread-safe without a lock: each fact is one word, written by the uplink or the spool and read by the engine at each tick. A fact that is a tick
/// late only makes one frame longer or shorter. Times are monotonic, so that a step of the wall clock neither ends nor lengthens a lease.
/// </remarks>
internal sealed class DeliverySignals(TimeProvider time)
{
    /// <summary>The longest that one directive may hold a live lease.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(120);

    /// <summary>Without an ack for this long, while something waits for one, nobody receives.</summary>
    public static readonly TimeSpan Unreceived = TimeSpan.FromSeconds(30);

    /// <summary>An ack this long after the last tick of a fresh frame says that the link does not keep up.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    /// <summary>One this soon after it says that it does.</summary>
    public static readonly TimeSpan Prompt = TimeSpan.FromSeconds(1);

    private long _leaseEnd = long.MinValue;
    private long _waitingSince = long.MaxValue;
    private int _epochs;
    private Func<CollectOrder, CollectAnswer>? _collect;
    private volatile bool _takesProfiled = true;
    private volatile bool _isBehind;

    /// <summary>Whether somebody watches the host: a live lease holds.</summary>
    public bool IsWatched => time.GetTimestamp() < Interlocked.Read(ref _leaseEnd);

    /// <summary>Whether what is spooled reaches a gateway: nothing waits, or the last ack is younger than <see cref="Unreceived"/>.</summary>
    public bool IsReceived
    {
        get
        {
            long since = Interlocked.Read(ref _waitingSince);
            return since == long.MaxValue || time.GetElapsedTime(since) < Unreceived;
        }
    }

    /// <summary>Whether the link is too slow for frames as short as they are: fresh ones were acked <see cref="Late"/>, and none <see cref="Prompt"/> since.</summary>
    public bool IsBehind => _isBehind;

    /// <summary>Whether gateways take frames of codec 1: so until one says otherwise, or answers that it does not know them.</summary>
    public bool TakesProfiled
    {
        get => _takesProfiled;
        set => _takesProfiled = value;
    }

    /// <summary>Takes orders to collect; null while nothing collects.</summary>
    public Func<CollectOrder, CollectAnswer>? Collect
    {
        get => Volatile.Read(ref _collect);
        set => Volatile.Write(ref _collect, value);
    }

    /// <summary>How many epochs have begun since the start.</summary>
    public int Epochs => Volatile.Read(ref _epochs);

    /// <summary>Holds a live lease from now on, at most <see cref="LongestLease"/>; one that lasts longer already stays.</summary>
    /// <returns>For how long.</returns>
    public TimeSpan Hold(TimeSpan duration)
    {
        TimeSpan held = duration < LongestLease ? duration : LongestLease;
        long end = time.GetTimestamp() + (long)(held.TotalSeconds * time.TimestampFrequency);
        long before = Interlocked.Read(ref _leaseEnd);
        while (before < end)
        {
            long seen = Interlocked.CompareExchange(ref _leaseEnd, end, before);
            if (seen == before) break;
            before = seen;
        }

        return held;
    }

    /// <summary>An entry became durable and waits for its ack.</summary>
    public void Spooled() => Interlocked.CompareExchange(ref _waitingSince, time.GetTimestamp(), long.MaxValue);

    /// <summary>A gateway acked entries.</summary>
    /// <param name="more">Whether others still wait.</param>
    public void Acked(bool more) => Interlocked.Exchange(ref _waitingSince, more ? time.GetTimestamp() : long.MaxValue);

    /// <summary>A gateway acked a fresh frame.</summary>
    /// <param name="lag">From its last tick to the ack.</param>
    public void Delivered(TimeSpan lag)
    {
        if (lag >= Late) _isBehind = true;
        else if (lag <= Prompt) _isBehind = false;
    }

    /// <summary>A new epoch began.</summary>
    public void EpochBegan() => Interlocked.Increment(ref _epochs);
}
