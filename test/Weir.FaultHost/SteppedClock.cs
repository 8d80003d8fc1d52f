using System.Globalization;

namespace Weir.FaultHost;

/// <summary>The clock of the machine, ahead or behind by as many milliseconds as a file says: a wall clock that somebody steps.</summary>
internal sealed class SteppedClock(string file) : TimeProvider
{
    private const int RereadMs = 50;

    private long _offsetMs;
    private long _readAt;

    public override DateTimeOffset GetUtcNow()
    {
        long now = Environment.TickCount64;
        if (now - Volatile.Read(ref _readAt) >= RereadMs)
        {
            Volatile.Write(ref _readAt, now);
            if (TryRead() is { } offsetMs) Volatile.Write(ref _offsetMs, offsetMs);
        }

        return base.GetUtcNow().AddMilliseconds(Volatile.Read(ref _offsetMs));
    }

    // Null while it is being written.
    private long? TryRead()
    {
        try
        {
            return long.TryParse(File.ReadLines(file).FirstOrDefault(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long offsetMs) ? offsetMs : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
