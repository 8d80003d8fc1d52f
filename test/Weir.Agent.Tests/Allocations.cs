namespace Weir.Agent.Tests;

/// <summary>What an action allocates on its thread.</summary>
internal static class Allocations
{
    private const int Runs = 10;

    /// <summary>The least of some runs: the first ones, and what the system changes now and then, allocate.</summary>
    public static long Least(Action action)
    {
        long least = long.MaxValue;
        for (int run = 0; run < Runs; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
