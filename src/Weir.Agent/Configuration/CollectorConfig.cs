namespace Weir.Agent.Configuration;

/// <summary>What a configuration says of one collector.</summary>
public sealed record CollectorConfig
{
    /// <summary>Whether it runs; null: the collector's default.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Its own interval, 100 ms to 1 h; null takes its default.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Which of its devices, interfaces, mount points, processes or services it reports.</summary>
    public NamePatterns Names { get; init; } = NamePatterns.None;
}
