namespace Weir.Bench.Replay;

/// <summary>Says when a host's tick may leave.</summary>
/// <remarks>At real pace host i of N runs i/N of a second behind the first: ticks are aligned, the sending is spread.</remarks>
internal sealed class ReplayPacer(Pace pace, int hosts, TimeProvider time)
{
    private long _start;

    /// <summary>Begins to count time; called once, before any host sends.</summary>
    public void Start() => _start = time.GetTimestamp();

    /// <summary>How long until the tick may leave; zero or less: now.</summary>
    public TimeSpan UntilDue(int host, int tick) => pace == Pace.Max || tick < 0
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(tick + ((double)host / hosts)) - time.GetElapsedTime(_start);
}
