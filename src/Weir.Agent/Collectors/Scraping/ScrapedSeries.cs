using System.Globalization;
using System.Text;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>A series of a target.</summary>
/// <remarks>Ordered by metric, label names and values, so that an answer in another order is the same schema, and hosts with the same series share it.</remarks>
internal sealed class ScrapedSeries : IComparable<ScrapedSeries>
{
    /// <summary>Makes a series.</summary>
    /// <param name="metric">Name, unit and kind.</param>
    /// <param name="labels">Its labels, sorted.</param>
    public ScrapedSeries(Metric metric, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        Metric = metric;
        Keys = [.. labels.Select(static label => label.Key)];
        Values = [.. labels.Select(static label => label.Value)];
        // Lengths before texts: no text can look like two.
        var identity = new StringBuilder(metric.Name);
        foreach ((string key, string value) in labels) identity.Append(CultureInfo.InvariantCulture, $" {key}{value.Length}:{value}");
        Identity = identity.ToString();
    }

    /// <summary>Name, unit and kind.</summary>
    public Metric Metric { get; }

    /// <summary>Names of its labels, sorted.</summary>
    public string[] Keys { get; }

    /// <summary>Their values.</summary>
    public string[] Values { get; }

    /// <summary>Name and labels as one text.</summary>
    public string Identity { get; }

    /// <summary>Its place among the target's series.</summary>
    public int Index { get; set; }

    /// <summary>Whether a template serves both.</summary>
    public bool IsLike(ScrapedSeries other) => Metric == other.Metric && Keys.AsSpan().SequenceEqual(other.Keys);

    /// <inheritdoc/>
    public int CompareTo(ScrapedSeries? other)
    {
        if (other is null) return 1;
        int order = string.CompareOrdinal(Metric.Name, other.Metric.Name);
        if (order == 0) order = Metric.Kind.CompareTo(other.Metric.Kind);
        if (order == 0) order = string.CompareOrdinal(Metric.Unit, other.Metric.Unit);
        if (order == 0) order = Compare(Keys, other.Keys);
        return order == 0 ? Compare(Values, other.Values) : order;
    }

    private static int Compare(string[] a, string[] b)
    {
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
            if (string.CompareOrdinal(a[i], b[i]) is var order and not 0) return order;
        return a.Length.CompareTo(b.Length);
    }
}
