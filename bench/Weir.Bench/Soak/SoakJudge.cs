using System.Globalization;

namespace Weir.Bench.Soak;

/// <summary>Decides whether an agent stayed as it was.</summary>
/// <remarks>
/// Memory by the slope of a line through all samples behind the warm-up, descriptors and threads by their middle in the last third against the most in the first:
/// a pool that is one thread larger for a moment is no leak, one thread more for good is.
/// </remarks>
internal static class SoakJudge
{
    /// <summary>What baselines and pools take to settle; not judged but for lost ticks.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(10);

    /// <summary>Most growth of resident memory that counts as flat.</summary>
    public const double MaxGrowthPerHour = 0.05;

    /// <summary>Judges the samples of a run.</summary>
    public static IReadOnlyList<SoakFinding> Judge(IReadOnlyList<SoakSample> samples)
    {
        SoakSample[] judged = [.. samples.Where(static sample => sample.At >= WarmUp)];
        if (judged.Length < 3) return [new SoakFinding("samples behind the warm-up", Text(judged.Length), "at least 3", Kept: false)];
        SoakSample last = samples[^1];
        double growth = GrowthPerHour(judged);
        return
        [
            new("resident memory, growth an hour", string.Create(CultureInfo.InvariantCulture, $"{growth * 100:0.00} %"), string.Create(CultureInfo.InvariantCulture, $"below {MaxGrowthPerHour * 100:0} %"), growth < MaxGrowthPerHour),
            Steady("descriptors", judged, static sample => sample.Share.Handles),
            Steady("threads", judged, static sample => sample.Share.Threads),
            new("ticks missed", Text(last.MissedTicks), "0", last.MissedTicks == 0),
            new("ticks of single collectors lost", Text(last.LostTicks), "0", last.LostTicks == 0),
            new("ticks", Text(last.Ticks), "more than 0", last.Ticks > 0),
            new("samples dropped, entries buried, quarantined or rejected", Text(last.Troubles), "0", last.Troubles == 0),
            new("entries not acknowledged at the end", Text(last.Unacked), "0", last.Unacked == 0),
        ];
    }

    private static SoakFinding Steady(string what, SoakSample[] judged, Func<SoakSample, int> value)
    {
        int[] values = [.. judged.Select(value)];
        int third = values.Length / 3;
        int most = values[..third].Max();
        int middle = Quantile.Of([.. values[^third..].Order()], 0.5);
        return new SoakFinding($"{what}, middle of the last third", Text(middle), $"at most {Text(most)}, the most of the first third", middle <= most);
    }

    // Least squares, relative to the mean.
    private static double GrowthPerHour(SoakSample[] judged)
    {
        double meanHours = judged.Average(static sample => sample.At.TotalHours), meanBytes = judged.Average(static sample => sample.Share.ResidentBytes);
        double above = judged.Sum(sample => (sample.At.TotalHours - meanHours) * (sample.Share.ResidentBytes - meanBytes));
        double below = judged.Sum(sample => Math.Pow(sample.At.TotalHours - meanHours, 2));
        return above / below / meanBytes;
    }

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
