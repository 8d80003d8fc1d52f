namespace Weir.Stores.FrameStore.Parts;

/// <summary>One frame, or the piece of one that lies in the part's hour, on the axis of a strip.</summary>
/// <param name="FirstMs">Time of its first tick, Unix ms.</param>
/// <param name="IntervalMs">Distance of its ticks; 0 where <paramref name="Times"/> are given or the frame declared none.</param>
/// <param name="Ticks">Its ticks, at least one.</param>
/// <param name="Times">Its times where they are not on a grid; else null.</param>
/// <param name="Rank">What decides between it and another frame that covers the same time.</param>
internal readonly record struct AxisFrame(long FirstMs, int IntervalMs, int Ticks, long[]? Times, FrameRank Rank)
{
    /// <summary>Time of the last tick.</summary>
    public long LastMs => Times is null ? FirstMs + ((Ticks - 1L) * IntervalMs) : Times[^1];

    /// <summary>Writes the times of all ticks.</summary>
    public void CopyTimes(Span<long> target)
    {
        if (Times is not null)
        {
            Times.CopyTo(target);
            return;
        }

        for (int t = 0; t < Ticks; t++) target[t] = FirstMs + ((long)t * IntervalMs);
    }

    /// <summary>The order of frames on an axis: time, then rank.</summary>
    public static int Compare(in AxisFrame a, in AxisFrame b)
    {
        int order = a.FirstMs.CompareTo(b.FirstMs);
        return order != 0 ? order : a.Rank.CompareTo(b.Rank);
    }
}
