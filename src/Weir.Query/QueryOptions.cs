namespace Weir.Query;

/// <summary>Limits of queries. Each is stated in the error that it causes.</summary>
public sealed record QueryOptions
{
    /// <summary>Longest query text, characters. Default 16,384; source: VictoriaMetrics' limit.</summary>
    public int MaxQueryLength { get; init; } = 16 * 1024;

    /// <summary>Most steps of a range query. Default 11,000; source: Prometheus.</summary>
    public int MaxSteps { get; init; } = 11_000;

    /// <summary>Most samples one selector may read. Default 50 million; source: Prometheus' default.</summary>
    public long MaxSamples { get; init; } = 50_000_000;

    /// <summary>How long a query may take. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How far an instant selector looks back. Default 5 minutes; source: Prometheus.</summary>
    public TimeSpan Lookback { get; init; } = TimeSpan.FromMinutes(5);
}
