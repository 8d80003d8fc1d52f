namespace Weir.Agent.Collectors.Windows;

/// <summary>Numbers logical processors across processor groups.</summary>
/// <remarks>
/// A processor's number is its place in its group, plus the most processors that each group before it can have: it stays the same when processors
/// are added while the system runs, and there may be gaps between groups.
/// </remarks>
internal static class ProcessorNumbers
{
    /// <summary>Most processors of one group.</summary>
    public const int MaxPerGroup = 64;

    /// <summary>The numbers of all active processors, group after group.</summary>
    /// <param name="active">Active processors of each group.</param>
    /// <param name="maximum">The most that each group can have; where the system says less than are active, these count.</param>
    public static int[] Of(ReadOnlySpan<int> active, ReadOnlySpan<int> maximum)
    {
        var numbers = new List<int>();
        int first = 0;
        for (int group = 0; group < active.Length; group++)
        {
            for (int i = 0; i < active[group]; i++) numbers.Add(first + i);
            first += Math.Max(active[group], maximum[group]);
        }

        return [.. numbers];
    }
}
