namespace Weir.Agent.Collectors.Windows;

/// <summary>A 32-bit counter of the system, carried on in 64 bit.</summary>
/// <remarks>
/// Begins with what it reads first. Between two readings it may wrap once: at a million events a second after 71 minutes, longer than any interval.
/// A counter that was set back cannot be told from one that wrapped.
/// </remarks>
internal struct WrappingCounter
{
    private uint _last;
    private bool _begun;

    /// <summary>What it has counted.</summary>
    public ulong Total { get; private set; }

    /// <summary>Takes a reading and gives <see cref="Total"/>.</summary>
    public ulong Next(uint reading)
    {
        Total = _begun ? Total + unchecked(reading - _last) : reading;
        _last = reading;
        _begun = true;
        return Total;
    }
}
