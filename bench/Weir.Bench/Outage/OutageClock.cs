namespace Weir.Bench.Outage;

/// <summary>A clock that stands still between its steps: a day passes as fast as the spool takes it.</summary>
internal sealed class OutageClock(long startMs) : TimeProvider
{
    private long _ticks = startMs * TimeSpan.TicksPerMillisecond;

    /// <summary>Now, Unix ms.</summary>
    public long NowMs => Volatile.Read(ref _ticks) / TimeSpan.TicksPerMillisecond;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Volatile.Read(ref _ticks));

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan step) => Interlocked.Add(ref _ticks, step.Ticks);
}
