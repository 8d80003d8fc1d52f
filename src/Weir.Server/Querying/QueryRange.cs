namespace Weir.Server.Querying;

/// <summary>The times of a query.</summary>
/// <param name="FromMs">First time, Unix ms.</param>
/// <param name="ToMs">Last time, Unix ms.</param>
/// <param name="StepMs">Distance of evaluations; null for one evaluation at the end.</param>
internal sealed record QueryRange(long FromMs, long ToMs, long? StepMs);

/// <summary>How results are printed.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>As the HTTP API gives it.</summary>
    Json,

    /// <summary>RFC 4180: time,series,value.</summary>
    Csv,
}
