using System.Diagnostics;
using Weir.Bench.Codec;

namespace Weir.Bench.Scale;

/// <summary>What one call took.</summary>
/// <param name="WallMs">By the wall.</param>
/// <param name="CpuMs">CPU time of the calling thread: what others on the machine take does not count.</param>
internal readonly record struct Took(double WallMs, double CpuMs)
{
    /// <summary>Measures a call, which must not move to another thread.</summary>
    public static async Task<(Took Took, T Result)> MeasureAsync<T>(Func<ValueTask<T>> call)
    {
        int thread = Environment.CurrentManagedThreadId;
        double cpu = ThreadCpuClock.Seconds;
        long begun = Stopwatch.GetTimestamp();
        T result = await call();
        double wallMs = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return thread == Environment.CurrentManagedThreadId
            ? (new Took(wallMs, (ThreadCpuClock.Seconds - cpu) * 1000), result)
            : throw new InvalidOperationException("a query moved to another thread: its CPU time is not known");
    }
}
