using System.Globalization;

namespace Weir.Bench.Scale;

/// <summary>What this process holds, after a full collection that gives free memory back to the system.</summary>
/// <param name="ManagedBytes">Bytes of live managed objects.</param>
/// <param name="RssBytes">Bytes resident (VmRSS).</param>
internal readonly record struct MemorySample(long ManagedBytes, long RssBytes)
{
    private const long PageBytes = 4096;

    public static MemorySample Take()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        // The second number of statm is the resident pages.
        long pages = long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture);
        return new MemorySample(GC.GetTotalMemory(forceFullCollection: true), pages * PageBytes);
    }

    public static MemorySample operator -(MemorySample after, MemorySample before) =>
        new(after.ManagedBytes - before.ManagedBytes, after.RssBytes - before.RssBytes);
}
