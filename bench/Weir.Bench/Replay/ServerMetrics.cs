using System.Globalization;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Replay;

/// <summary>One reading of the server's <c>/metrics</c>.</summary>
internal sealed class ServerMetrics
{
    private readonly List<(string Name, SeriesAttribute[] Labels, double Value)> _samples = [];

    /// <summary>Samples that the writer has settled, by outcome: <c>stored</c> ones can be queried.</summary>
    public IReadOnlyDictionary<string, long> WriterSamples => ByLabel("weir_writer_samples_total", "outcome");

    /// <summary>Garbage collections since the start, by generation; empty where the server does not tell.</summary>
    public IReadOnlyDictionary<string, long> Collections => ByLabel("dotnet_gc_collections_total", "gc_heap_generation");

    /// <summary>Samples that can be queried; 0 where the counter does not stand there yet.</summary>
    public long Stored => WriterSamples.GetValueOrDefault("stored");

    /// <summary>Samples rewritten into parts, merged ones counted once more elsewhere.</summary>
    public long Sealed => Sum("weir_framestore_samples_sealed_total");

    /// <summary>Samples in the parts that count.</summary>
    public long PartSamples => Sum("weir_framestore_parts_samples");

    /// <summary>Bytes of these parts.</summary>
    public long PartBytes => Sum("weir_framestore_parts_bytes");

    /// <summary>Reads the metrics of a server.</summary>
    public static async Task<ServerMetrics> ReadAsync(HttpClient server, CancellationToken cancellationToken)
    {
        string text = await server.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        var metrics = new ServerMetrics();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == '#') continue;
            if (PrometheusLine.TrySplit(line, out ReadOnlySpan<char> series, out double value)
                && PrometheusLine.TryParseSeries(series, out string? name, out SeriesAttribute[]? labels))
                metrics._samples.Add((name, labels, value));
        }

        return metrics;
    }

    private long Sum(string metric) => ByLabel(metric, "").Values.Sum();

    private SortedDictionary<string, long> ByLabel(string metric, string label)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((string name, SeriesAttribute[] labels, double value) in _samples)
        {
            if (name != metric) continue;
            string key = labels.FirstOrDefault(candidate => candidate.Key == label).Value ?? "";
            sums[key] = sums.GetValueOrDefault(key) + Convert.ToInt64(value, CultureInfo.InvariantCulture);
        }

        return sums;
    }
}
