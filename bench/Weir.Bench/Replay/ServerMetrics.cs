namespace Weir.Bench.Replay;

/// <summary>One reading of the server's <c>/metrics</c>.</summary>
internal sealed class ServerMetrics(MetricsPage page)
{
    /// <summary>Samples that the writer has settled, by outcome: <c>stored</c> ones can be queried.</summary>
    public IReadOnlyDictionary<string, long> WriterSamples => Whole("weir_writer_samples_total", "outcome");

    /// <summary>Garbage collections since the start, by generation; empty where the server does not tell.</summary>
    public IReadOnlyDictionary<string, long> Collections => Whole("dotnet_gc_collections_total", "gc_heap_generation");

    /// <summary>Samples that can be queried; 0 where the counter does not stand there yet.</summary>
    public long Stored => WriterSamples.GetValueOrDefault("stored");

    /// <summary>Samples rewritten into parts, merged ones counted once more elsewhere.</summary>
    public long Sealed => (long)page.Sum("weir_framestore_samples_sealed_total");

    /// <summary>Samples in the parts that count.</summary>
    public long PartSamples => (long)page.Sum("weir_framestore_parts_samples");

    /// <summary>Bytes of these parts.</summary>
    public long PartBytes => (long)page.Sum("weir_framestore_parts_bytes");

    /// <summary>Reads the metrics of a server.</summary>
    public static async Task<ServerMetrics> ReadAsync(HttpClient server, CancellationToken cancellationToken) => new(await MetricsPage.ReadAsync(server, cancellationToken));

    private SortedDictionary<string, long> Whole(string metric, string label)
    {
        var whole = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((string key, double value) in page.ByLabel(metric, label)) whole[key] = (long)value;
        return whole;
    }
}
