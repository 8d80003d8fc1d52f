namespace Weir.Agent.Uplinks;

/// <summary>Bytes per second that may go: a bucket that fills at the rate, up to a second of it, and may be overdrawn by one batch.</summary>
/// <remarks>What is overdrawn is waited for, so that the rate holds whatever the size of a batch. Not thread-safe.</remarks>
internal sealed class RateLimit(TimeProvider time)
{
    private double _rate;
    private double _bytes;
    private long _filledAt;

    /// <summary>Whether more may go now.</summary>
    public bool IsOpen
    {
        get
        {
            Fill();
            return _rate == 0 || _bytes > 0;
        }
    }

    /// <summary>How long until more may go.</summary>
    public TimeSpan UntilOpen => IsOpen ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _bytes) / _rate);

    /// <summary>Sets the rate; 0 is no limit.</summary>
    public void Set(ulong bytesPerSecond)
    {
        Fill();
        bool wasUnlimited = _rate == 0;
        _rate = bytesPerSecond;
        _bytes = wasUnlimited ? _rate : Math.Min(_bytes, _rate);
    }

    /// <summary>These bytes go.</summary>
    public void Take(int bytes)
    {
        Fill();
        if (_rate != 0) _bytes -= bytes;
    }

    private void Fill()
    {
        long now = time.GetTimestamp();
        _bytes = Math.Min(_rate, _bytes + (_rate * time.GetElapsedTime(_filledAt, now).TotalSeconds));
        _filledAt = now;
    }
}
