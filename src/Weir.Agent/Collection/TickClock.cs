namespace Weir.Agent.Collection;

/// <summary>The clock that ticks run by: monotonic time plus an offset to wall time.</summary>
/// <remarks>
/// A wall clock that differs by more than <see cref="StepThreshold"/> was stepped: the offset follows at once and the caller cuts its frames. Less is
/// drift between two oscillators, or a small correction by NTP: the offset follows at no more than <see cref="SlewPerSecond"/>, so that no tick is
/// skipped or run twice for it. Used by one engine's thread at a time: it goes on from one run of collection to the next, so that no tick is lost or brought twice between them.
/// </remarks>
internal sealed class TickClock
{
    /// <summary>What the wall clock may differ until it counts as stepped (DESIGN 5).</summary>
    public static readonly TimeSpan StepThreshold = TimeSpan.FromSeconds(1);

    /// <summary>The share of elapsed time by which the offset follows small differences: 5 ms per second, ten times the drift that NTP tolerates.</summary>
    public const double SlewPerSecond = 0.005;

    private readonly TimeProvider _time;
    private long _anchorTimestamp;
    private long _anchorTicks;

    /// <summary>Makes a clock that agrees with the wall clock.</summary>
    public TickClock(TimeProvider time)
    {
        _time = time;
        Anchor(WallTicks);
    }

    /// <summary>All ticks up to then have begun or are counted, Unix ms; null before the first engine has stepped.</summary>
    public long? SettledMs { get; set; }

    /// <summary>Now, Unix time in 100 ns.</summary>
    public long NowTicks => _anchorTicks + _time.GetElapsedTime(_anchorTimestamp).Ticks;

    /// <summary>Now, Unix ms.</summary>
    public long NowMs => NowTicks / TimeSpan.TicksPerMillisecond;

    private long WallTicks => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;

    /// <summary>Compares with the wall clock: follows small differences slowly, and large ones at once.</summary>
    /// <returns>By how much the wall clock was stepped; zero where it was not.</returns>
    public TimeSpan Follow()
    {
        TimeSpan elapsed = _time.GetElapsedTime(_anchorTimestamp);
        long difference = WallTicks - NowTicks;
        // A pause of the machine between the two readings looks like a step; it does not look so twice.
        if (Math.Abs(difference) > StepThreshold.Ticks) difference = WallTicks - NowTicks;
        if (Math.Abs(difference) > StepThreshold.Ticks)
        {
            Anchor(NowTicks + difference);
            return TimeSpan.FromTicks(difference);
        }

        long most = Math.Max(0, (long)(elapsed.Ticks * SlewPerSecond));
        Anchor(NowTicks + Math.Clamp(difference, -most, most));
        return TimeSpan.Zero;
    }

    // The time between computing the argument and reading the timestamp is lost; it is below a microsecond, and followed like any drift.
    private void Anchor(long ticks)
    {
        _anchorTimestamp = _time.GetTimestamp();
        _anchorTicks = ticks;
    }
}
