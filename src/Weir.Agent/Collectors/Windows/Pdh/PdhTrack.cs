namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>What is remembered of one counter of one instance, so that what is shipped is cumulative.</summary>
/// <remarks>
/// 32-bit values are widened by unsigned differences, from zero at the first reading: a total that began at the raw value would fall below what was shipped, by whole ranges, whenever it
/// begins anew here while the counter goes on, and a reader would count the raw value once more. A difference of half the range or more is no wrap but a new beginning of the counter, which
/// counts from zero. A complement begins at zero when it is first read, too, and never falls. Many counters take the time that they are measured against from the wall
/// clock: where that steps, by a second or more beside what the monotonic clock allows, the complement goes on from where it was, without what was between the two readings.
/// </remarks>
internal struct PdhTrack
{
    private const uint HalfRange = 1u << 31;
    private const double MaxSkewSeconds = 1;

    private bool _hasBegun;
    private uint _last;
    private ulong _total;
    private long _idleAtBegin;
    private long _nowAtBegin;
    private long _lastIdle;
    private long _lastNow;
    private PdhMoment _lastMoment;
    private double _busy;
    private double _busyBefore;

    /// <summary>What a 32-bit counter has counted since it was first read.</summary>
    public double Widen(uint value)
    {
        uint step = value - _last;
        if (_hasBegun) _total += value >= _last || step < HalfRange ? step : value;
        _hasBegun = true;
        _last = value;
        return _total;
    }

    /// <summary>The time in which something was not idle.</summary>
    /// <param name="idle">The cumulative idle time.</param>
    /// <param name="now">The time that it is measured against, in the same unit.</param>
    /// <param name="unitsPerSecond">The unit.</param>
    /// <param name="moment">When this reading was made.</param>
    public double Complement(long idle, long now, double unitsPerSecond, PdhMoment moment)
    {
        double seconds = (now - _lastNow) / unitsPerSecond;
        bool hasStepped = seconds < (moment.From - _lastMoment.To).TotalSeconds - MaxSkewSeconds || seconds > (moment.To - _lastMoment.From).TotalSeconds + MaxSkewSeconds;
        if (!_hasBegun || idle < _lastIdle || hasStepped)
        {
            _hasBegun = true;
            _idleAtBegin = idle;
            _nowAtBegin = now;
            _busyBefore = _busy;
        }

        _lastIdle = idle;
        _lastNow = now;
        _lastMoment = moment;
        _busy = Math.Max(_busy, _busyBefore + (now - _nowAtBegin - (idle - _idleAtBegin)));
        return _busy;
    }
}
