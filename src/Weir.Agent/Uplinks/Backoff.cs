namespace Weir.Agent.Uplinks;

/// <summary>Delays between attempts: exponential, with full jitter applied after the cap, so that a fleet spreads out however long the outage.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _attempts;

    /// <summary>The delay before the next attempt: evenly drawn from nothing to the capped exponential.</summary>
    public TimeSpan Next()
    {
        double capped = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts++, 30)));
        return TimeSpan.FromMilliseconds(random.NextDouble() * capped);
    }

    /// <summary>Starts over, after sustained success.</summary>
    public void Reset() => _attempts = 0;
}
