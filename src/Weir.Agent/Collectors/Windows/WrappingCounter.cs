namespace Weir.Agent.Collectors.Windows;

/// <summary>A 32-bit counter of the system, carried on in 64 bit.</summary>
/// <remarks>
/// Begins at zero with the first reading: where it began at that, a new beginning here would look like a reset of the counter to the raw value, which a reader would count once more. Between two readings it may wrap once: at a million events a second after 71 minutes, longer than any interval.
/// A counter that was set back cannot be told from one that wrapped.
/// </remarks>
internal struct WrappingCounter
{
    private uint _last;
    private bool _begun;

    /// <summary>What it has counted since the first reading.</summary>
    public ulong Total { get; private set; }

    /// <summary>Takes a reading and gives <see cref="Total"/>.</summary>
    public ulong Next(uint reading)
    {
        if (_begun) Total += unchecked(reading - _last);
        _last = reading;
        _begun = true;
        return Total;
    }
}
