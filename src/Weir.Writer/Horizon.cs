namespace Weir.Writer;

/// <summary>How far a sample's time may lie from the time its record was received.</summary>
/// <remarks>Judged by the gateway's clock, once, so that reading the log again judges the same.</remarks>
public sealed record Horizon
{
    /// <summary>How far ahead of the receive time; null for any. Default 10 minutes, source: Mimir's grace period.</summary>
    public TimeSpan? Ahead { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How far back; null for any. Default the store's retention, 15 days.</summary>
    public TimeSpan? Back { get; init; } = TimeSpan.FromDays(15);

    /// <summary>Whether a frame lies inside.</summary>
    public bool Contains(long firstMs, long lastMs, long receivedMs) =>
        (Ahead is not { } ahead || lastMs <= receivedMs + (long)ahead.TotalMilliseconds)
        && (Back is not { } back || firstMs >= receivedMs - (long)back.TotalMilliseconds);
}
