namespace Weir.Agent.Collectors.Scraping;

/// <summary>How an answer is written.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics text 1.0: ends with <c># EOF</c>.</summary>
    OpenMetrics,
}
