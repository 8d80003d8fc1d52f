namespace Weir.Bench.Skew;

/// <summary>How one would first write it: a <see cref="PeriodicTimer"/> whose ticks run on the thread pool. Its earliest tick counts as on time.</summary>
internal static class TimerLoop
{
    /// <summary>Runs one for a while.</summary>
    public static async Task<SkewResult> MeasureAsync(TimeSpan interval, TimeSpan duration, CancellationToken cancellationToken)
    {
        var late = new List<double>();
        long begun = TimeProvider.System.GetTimestamp(), ticks = duration.Ticks / interval.Ticks;
        using var timer = new PeriodicTimer(interval);
        while (TimeProvider.System.GetElapsedTime(begun) < duration && await timer.WaitForNextTickAsync(cancellationToken))
            late.Add(((TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds + (interval.TotalMilliseconds / 2)) % interval.TotalMilliseconds) - (interval.TotalMilliseconds / 2));
        return new SkewResult("PeriodicTimer", [.. late.Select(each => each - late.Min()).Order()], Math.Max(0, ticks - late.Count));
    }
}
