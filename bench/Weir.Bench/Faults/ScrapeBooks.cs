using System.Globalization;

namespace Weir.Bench.Faults;

/// <summary>Compares what a target answered with what a store holds of it.</summary>
/// <param name="Stored">Samples of answered scrapes, each once.</param>
/// <param name="Twice">Further copies of them.</param>
/// <param name="Wrong">Samples with a name, label, value or time that no scrape had.</param>
internal sealed record ScrapeBooks(long Stored, long Twice, long Wrong)
{
    private const int Labels = 4;

    /// <summary>Closes them.</summary>
    /// <param name="samples">All samples of the store.</param>
    /// <param name="target">The only target.</param>
    public static ScrapeBooks Of(IReadOnlyList<ScrapedSample> samples, ScrapeTarget target)
    {
        ScrapedSample[] known = [.. samples.Where(sample => IsOf(sample, target) && sample.Value >= 1 && sample.Value <= target.Answered && sample.Value == Math.Truncate(sample.Value))];
        // All series of a scrape have one time: that of most of them.
        Dictionary<double, long> times = known.GroupBy(static sample => sample.Value).ToDictionary(static scrape => scrape.Key, static scrape => scrape.CountBy(static sample => sample.TimeMs).MaxBy(static time => time.Value).Key);
        ScrapedSample[] right = [.. known.Where(sample => sample.TimeMs == times[sample.Value])];
        int stored = right.Select(static sample => (sample.Labels["series"], sample.Value)).Distinct().Count();
        return new ScrapeBooks(stored, right.Length - stored, samples.Count(sample => !IsOwn(sample, target)) - right.Length);
    }

    private static bool IsOf(ScrapedSample sample, ScrapeTarget target) =>
        IsScraped(sample, target) && sample.Labels.Count == Labels && sample.Labels["__name__"] == ScrapeTarget.Metric
        && int.TryParse(sample.Labels.GetValueOrDefault("series"), NumberStyles.None, CultureInfo.InvariantCulture, out int series) && series < ScrapeTarget.Series;

    // What the scraper says of the scrape itself.
    private static bool IsOwn(ScrapedSample sample, ScrapeTarget target) =>
        IsScraped(sample, target) && sample.Labels.Count == Labels - 1 && (sample.Labels["__name__"] == "up" || sample.Labels["__name__"].StartsWith("scrape_", StringComparison.Ordinal));

    private static bool IsScraped(ScrapedSample sample, ScrapeTarget target) =>
        sample.Labels.ContainsKey("__name__") && sample.Labels.GetValueOrDefault("job") == VmagentSide.Job && sample.Labels.GetValueOrDefault("instance") == target.Address;
}
