namespace Weir.Gateway;

/// <summary>How many agents a gateway has been seen to welcome in one second: what reconnecting agents are spread by. Thread-safe.</summary>
internal sealed class ConnectRate(TimeProvider time)
{
    /// <summary>What any machine manages; counts until more has been seen.</summary>
    public const int Least = 100;

    private readonly Lock _lock = new();
    private long _second;
    private int _count;
    private int _best = Least;

    /// <summary>The most welcomed in any second so far.</summary>
    public int PerSecond => Volatile.Read(ref _best);

    /// <summary>An agent has been welcomed.</summary>
    public void Note()
    {
        lock (_lock)
        {
            long second = time.GetTimestamp() / time.TimestampFrequency;
            _count = second == _second ? _count + 1 : 1;
            _second = second;
            _best = Math.Max(_best, _count);
        }
    }
}
