namespace Weir.Gateway;

/// <summary>Lets a message that strangers or a full disk can repeat at will through once a second at most, and says how many it held back since.</summary>
/// <remarks>Metrics count all of them. Thread-safe.</remarks>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _last;
    private long _hidden;

    /// <summary>Whether the message is to be written.</summary>
    /// <param name="hidden">How many were not since the last that was.</param>
    public bool Passes(out long hidden)
    {
        lock (_lock)
        {
            hidden = _hidden;
            if (_last != 0 && time.GetElapsedTime(_last) < Interval)
            {
                _hidden++;
                return false;
            }

            (_last, _hidden) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
