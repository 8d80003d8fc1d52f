namespace Weir.Bench.Codec;

/// <summary>The times of a recording's ticks: on the second where it was taken every second or every few, else as recorded.</summary>
/// <param name="TimesMs">Unix ms, ascending.</param>
/// <param name="IntervalMs">The usual distance of two ticks; 1,000 where there is only one tick.</param>
/// <param name="Rounded">Whether the times were rounded.</param>
internal sealed record TickTimes(long[] TimesMs, int IntervalMs, bool Rounded)
{
    private const long SecondMs = 1000;

    // A scrape is some ms late now and then; a tenth of a second is no longer jitter but another interval.
    private const long MaxJitterMs = 100;

    public static TickTimes Of(IReadOnlyList<long> recordedMs)
    {
        long[] times = [.. recordedMs];
        if (times.Length == 1) return new TickTimes([Round(times[0])], (int)SecondMs, Rounded: true);
        long interval = Median([.. times.Skip(1).Zip(times, static (later, earlier) => later - earlier)]);
        long whole = Round(interval);
        if (whole == 0 || Math.Abs(interval - whole) > MaxJitterMs) return new TickTimes(times, Interval(interval), Rounded: false);

        // Measured from the usual place within the second: a recording taken at x.500 s would else fall to either side.
        long phase = Median([.. times.Select(time => Phase(time - times[0]))]) + times[0];
        long[] rounded = [.. times.Select(time => Round(phase) + Round(time - phase))];
        for (int t = 1; t < rounded.Length; t++)
            if (rounded[t] <= rounded[t - 1]) return new TickTimes(times, Interval(interval), Rounded: false);
        return new TickTimes(rounded, Interval(whole), Rounded: true);
    }

    // -500 to 499: how far behind or ahead of the nearest whole second.
    private static long Phase(long ms) => ((ms % SecondMs) + SecondMs + (SecondMs / 2)) % SecondMs - (SecondMs / 2);

    private static long Round(long ms) => (long)Math.Floor((ms + (SecondMs / 2)) / (double)SecondMs) * SecondMs;

    private static int Interval(long ms) => (int)Math.Clamp(ms, 1, 3_600_000);

    private static long Median(long[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
