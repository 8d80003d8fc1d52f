using Weir.Frames;

namespace Weir.Bench.Replay;

/// <summary>What a host did in the window that is open.</summary>
internal sealed class WindowAccount(int series)
{
    public int Ticks { get; set; }

    public long Samples { get; set; }

    public ulong Digest { get; set; }

    /// <summary>The declaration's payload; the account starts anew. A series that the recording lacks at a tick was not there to collect.</summary>
    public byte[] Close()
    {
        long scheduled = (long)Ticks * series;
        long absent = scheduled - Samples;
        var declaration = new WindowDeclaration
        {
            Scheduled = scheduled,
            Collected = Samples,
            Late = 0,
            Missed = 0,
            Sent = Samples,
            Failed = absent == 0 ? new Dictionary<FailureReason, long>() : new Dictionary<FailureReason, long> { [FailureReason.NotHere] = absent },
            Digest = Digest,
        };
        (Ticks, Samples, Digest) = (0, 0, 0);
        return declaration.Encode();
    }
}
