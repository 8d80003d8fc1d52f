namespace Weir.Bench.Codec;

/// <summary>Measures how many samples a second an action handles on one core, and what it allocates.</summary>
/// <param name="Rounds">Rounds of which the fastest counts: what else runs on the machine can only slow one down.</param>
/// <param name="Round">Least CPU time of a round, whole passes over the messages.</param>
/// <param name="WarmUp">Least CPU time before the first round: the compiler optimises in stages.</param>
/// <param name="Limit">CPU time after which no further round begins.</param>
internal sealed record SpeedMeter(int Rounds, TimeSpan Round, TimeSpan WarmUp, TimeSpan Limit)
{
    /// <summary>What a report is made with.</summary>
    public static SpeedMeter Default { get; } = new(9, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1));

    /// <summary>Measures.</summary>
    /// <param name="handle">Handles the message of a number.</param>
    /// <param name="messages">How many messages there are.</param>
    /// <param name="samples">Samples in all of them.</param>
    public Speed Measure(Action<int> handle, int messages, long samples)
    {
        Pass(handle, messages, WarmUp.TotalSeconds);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Pass(handle, messages, 0);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        double best = 0;
        double start = ThreadCpuClock.Seconds;
        for (int round = 0; round < Rounds && (round < 2 || ThreadCpuClock.Seconds - start < Limit.TotalSeconds); round++)
        {
            (long passes, double seconds) = Pass(handle, messages, Round.TotalSeconds);
            best = Math.Max(best, passes * samples / seconds);
        }

        return new Speed(best, allocated / (double)messages);
    }

    private static (long Passes, double Seconds) Pass(Action<int> handle, int messages, double leastSeconds)
    {
        double start = ThreadCpuClock.Seconds, elapsed;
        long passes = 0;
        do
        {
            for (int i = 0; i < messages; i++) handle(i);
            passes++;
            elapsed = ThreadCpuClock.Seconds - start;
        }
        while (elapsed < leastSeconds || elapsed <= 0);
        return (passes, elapsed);
    }
}
