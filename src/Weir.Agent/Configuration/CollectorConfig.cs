namespace Weir.Agent.Configuration;

/// <summary>What a configuration says of one collector.</summary>
public sealed record CollectorConfig
{
    /// <summary>The default of <see cref="Top"/>.</summary>
    public const int DefaultTop = 20;

    /// <summary>The largest <see cref="Top"/>.</summary>
    public const int MaxTop = 200;

    /// <summary>Whether it runs; null: the collector's default.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Its own interval, 100 ms to 1 h; null takes its default.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Which of its devices, interfaces, mount points, processes or services it reports.</summary>
    public NamePatterns Names { get; init; } = NamePatterns.None;

    /// <summary>How many names of each kind (by CPU, by memory, by I/O) it reports apart where it reports the top of many: 1 to 200. More names are more series.</summary>
    public int Top { get; init; } = DefaultTop;
}
