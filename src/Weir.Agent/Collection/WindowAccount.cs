namespace Weir.Agent.Collection;

/// <summary>The counts of one window, in samples.</summary>
/// <remarks>
/// Two writers, no lock: the engine writes what happens up to the frame, the spool queue's consumer what happens after it
/// (<see cref="Sent"/>, <see cref="Digest"/>, <see cref="Refused"/>). The account reaches the consumer through that queue behind the window's last
/// frame, which orders all of it before <see cref="ToDeclaration"/>.
/// </remarks>
internal sealed class WindowAccount(long windowMs)
{
    /// <summary>Length of a window.</summary>
    public const long WindowLengthMs = 60_000;

    private readonly long[] _failed = new long[1 + (int)FailureReason.Stuck];

    /// <summary>Start of the window, Unix ms.</summary>
    public long WindowMs => windowMs;

    /// <summary>End of the window, Unix ms; not part of it.</summary>
    public long EndMs => windowMs + WindowLengthMs;

    /// <summary>Samples that the ticks should have brought, counted from the schema and not from the outcomes below.</summary>
    public long Scheduled { get; set; }

    /// <summary>Samples read.</summary>
    public long Collected { get; set; }

    /// <summary>Not in when their tick closed.</summary>
    public long Late { get; set; }

    /// <summary>Of ticks that could not run.</summary>
    public long Missed { get; set; }

    /// <summary>Collected, but no frame was free to take them: the spool has stood still for too long.</summary>
    public long Overflowed { get; set; }

    /// <summary>Durable in the spool. Written by the spool queue's consumer.</summary>
    public long Sent { get; set; }

    /// <summary>Sealed and refused by the spool. Written by the spool queue's consumer.</summary>
    public long Refused { get; set; }

    /// <summary>Digest of what was sent. Written by the spool queue's consumer.</summary>
    public ulong Digest { get; set; }

    /// <summary>Samples that could not be read.</summary>
    public long FailedTotal => _failed.Sum();

    /// <summary>Start of the window that a time lies in.</summary>
    public static long StartOf(long timeMs) => timeMs - (timeMs % WindowLengthMs);

    /// <summary>Counts samples that could not be read.</summary>
    public void AddFailed(FailureReason reason, long samples) => _failed[(int)reason] += samples;

    /// <summary>The counts as the host declares them.</summary>
    public WindowDeclaration ToDeclaration()
    {
        var failed = new Dictionary<FailureReason, long>();
        for (int reason = 0; reason < _failed.Length; reason++)
            if (_failed[reason] > 0) failed[(FailureReason)reason] = _failed[reason];
        var dropped = new Dictionary<DropReason, long>();
        if (Overflowed + Refused > 0) dropped[DropReason.SpoolFailed] = Overflowed + Refused;
        return new WindowDeclaration
        {
            Scheduled = Scheduled,
            Collected = Collected,
            Late = Late,
            Missed = Missed,
            Sent = Sent,
            Failed = failed,
            Dropped = dropped,
            Digest = Digest,
        };
    }
}
