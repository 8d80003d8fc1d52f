namespace Weir.Bench.Codec;

/// <summary>The baselines that an agent makes of a recording, each of the ticks before it.</summary>
internal sealed class Baselines
{
    public Baselines(CodecInput input, FramePlan plan)
    {
        _ = input;
        _ = plan;
    }

    /// <summary>What each costs.</summary>
    public IReadOnlyList<BaselineCost> Costs { get; } = [];

    /// <summary>The bytes that a span of ticks has to bear: of each baseline the share that its time in use has of the time it is made for.</summary>
    public double BytesFor(TickSpan span)
    {
        double bytes = 0;
        foreach (BaselineCost cost in Costs)
        {
            int used = Math.Min(span.End, cost.AfterTicks + cost.ForTicks) - Math.Max(span.First, cost.AfterTicks);
            if (used > 0) bytes += cost.Bytes * (double)used / cost.ForTicks;
        }

        return bytes;
    }
}
