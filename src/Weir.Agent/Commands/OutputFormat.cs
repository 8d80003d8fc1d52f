namespace Weir.Agent.Commands;

/// <summary>How values are printed.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>Prometheus text exposition.</summary>
    Prometheus,
}
