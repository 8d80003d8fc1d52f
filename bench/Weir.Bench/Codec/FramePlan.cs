namespace Weir.Bench.Codec;

/// <summary>Which ticks are measured, when baselines are renewed, and where frames end.</summary>
/// <remarks>
/// An agent sends the first ten ticks of an epoch singly, makes an early baseline of them and renews it as history grows; from 300 ticks
/// on it renews it every 300. What is measured begins there, or with the first baseline where the recording is shorter.
/// </remarks>
internal sealed class FramePlan(int ticks)
{
    /// <summary>Ticks of history of a full profile, and ticks between two renewals from then on.</summary>
    public const int FullProfile = 300;

    private const int SingleTicks = 10;

    private static readonly int[] EarlyRenewals = [SingleTicks, 30, 100];

    /// <summary>The first measured tick, from 0.</summary>
    public int MeasuredFrom { get; } = ticks > FullProfile ? FullProfile : ticks > SingleTicks ? SingleTicks : 0;

    /// <summary>What a reader of the figures must know; null where the recording is long enough.</summary>
    public string? Note => MeasuredFrom switch
    {
        FullProfile => null,
        SingleTicks => $"only {ticks} ticks: measured from tick {SingleTicks + 1} on, with profiles of less history than the {FullProfile} ticks that a figure of codec 1 is meant for",
        _ => $"only {ticks} ticks: no baseline is made of so few, and what stands under codec 1 is codec 0",
    };

    /// <summary>Ticks before which a baseline is made, ascending.</summary>
    public IEnumerable<int> Renewals()
    {
        foreach (int early in EarlyRenewals)
            if (early < ticks) yield return early;
        for (int tick = FullProfile; tick < ticks; tick += FullProfile) yield return tick;
    }

    /// <summary>The frames before what is measured.</summary>
    public TickSpan[] WarmUp(int ticksPerFrame) => [.. Frames(0, MeasuredFrom, ticksPerFrame)];

    /// <summary>The frames that are measured.</summary>
    public TickSpan[] Measured(int ticksPerFrame) => [.. Frames(MeasuredFrom, ticks, ticksPerFrame)];

    private IEnumerable<TickSpan> Frames(int first, int end, int ticksPerFrame)
    {
        int[] ends = [.. Renewals().Append(end)];
        while (first < end)
        {
            int most = first < SingleTicks && ticks > SingleTicks ? 1 : ticksPerFrame;
            int next = Math.Min(Math.Min(first + most, end), ends.First(renewal => renewal > first));
            yield return new TickSpan(first, next - first);
            first = next;
        }
    }
}
