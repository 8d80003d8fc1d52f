using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench;

/// <summary>One reading of a <c>/metrics</c>.</summary>
internal sealed class MetricsPage
{
    private readonly List<(string Name, SeriesAttribute[] Labels, double Value)> _samples = [];

    /// <summary>Reads the metrics of a server or an agent.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public static Task<MetricsPage> ReadAsync(HttpClient http, CancellationToken cancellationToken) => ReadAsync(http, new Uri("/metrics", UriKind.Relative), cancellationToken);

    /// <summary>Reads the metrics at an address.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public static async Task<MetricsPage> ReadAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
    {
        string text = await http.GetStringAsync(address, cancellationToken);
        var page = new MetricsPage();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == '#') continue;
            if (PrometheusLine.TrySplit(line, out ReadOnlySpan<char> series, out double value)
                && PrometheusLine.TryParseSeries(series, out string? name, out SeriesAttribute[]? labels))
                page._samples.Add((name, labels, value));
        }

        return page;
    }

    /// <summary>Series whose names begin so.</summary>
    public int Count(params ReadOnlySpan<string> prefixes)
    {
        int count = 0;
        foreach ((string name, _, _) in _samples)
            foreach (string prefix in prefixes)
                if (name.StartsWith(prefix, StringComparison.Ordinal)) count++;
        return count;
    }

    /// <summary>The sum over all series of a metric; 0 where there is none.</summary>
    public double Sum(string metric) => ByLabel(metric, "").Values.Sum();

    /// <summary>A metric's sums by the values of a label.</summary>
    public SortedDictionary<string, double> ByLabel(string metric, string label)
    {
        var sums = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach ((string name, SeriesAttribute[] labels, double value) in _samples)
        {
            if (name != metric) continue;
            string key = labels.FirstOrDefault(candidate => candidate.Key == label).Value ?? "";
            sums[key] = sums.GetValueOrDefault(key) + value;
        }

        return sums;
    }
}
