namespace Weir.Agent.Configuration;

/// <summary>What a configuration says of one collector.</summary>
public sealed record CollectorConfig
{
    /// <summary>Whether it runs. Default: yes.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Its own interval, 100 ms to 1 h; null takes its default.</summary>
    public TimeSpan? Interval { get; init; }
}
