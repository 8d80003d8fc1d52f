namespace Weir.Agent.Collectors.Scraping;

/// <summary>The schema parts of a target's series: a template for each metric and set of label names, under the names that the target gives.</summary>
/// <remarks>
/// A metric has a template to itself: a template's metrics share all instances, which sum and count of a histogram may not, and one that comes or goes does not
/// change the templates of the others.
/// </remarks>
internal static class ScrapedParts
{
    /// <summary>Makes the parts.</summary>
    /// <param name="series">The series, sorted.</param>
    public static IEnumerable<SchemaPart> Of(IReadOnlyList<ScrapedSeries> series)
    {
        int start = 0;
        for (int i = 1; i <= series.Count; i++)
        {
            if (i < series.Count && series[i].IsLike(series[start])) continue;
            var template = new Template(NamingRule.Prometheus, series[start].Keys, [series[start].Metric]);
            yield return new SchemaPart(template, [.. series.Skip(start).Take(i - start).Select(static one => one.Values)]);
            start = i;
        }
    }

    /// <summary>Whether two lists have the same series in the same places.</summary>
    public static bool AreEqual(IReadOnlyList<ScrapedSeries> a, IReadOnlyList<ScrapedSeries> b)
    {
        if (a.Count != b.Count) return false;
        for (int i = 0; i < a.Count; i++)
            if (a[i].Metric != b[i].Metric || a[i].Identity != b[i].Identity) return false;
        return true;
    }
}
