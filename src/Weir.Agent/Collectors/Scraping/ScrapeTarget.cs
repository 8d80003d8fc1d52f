using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>A Prometheus or OpenMetrics endpoint, as configured. Immutable.</summary>
/// <remarks>Holds secrets in <see cref="Headers"/>: never printed.</remarks>
internal sealed record ScrapeTarget
{
    /// <summary>Most targets of an agent.</summary>
    public const int MaxTargets = 32;

    /// <summary>Most headers of a target.</summary>
    public const int MaxHeaders = 16;

    /// <summary>Most rules of a target.</summary>
    public const int MaxRules = 64;

    /// <summary>The interval where none is configured.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(15);

    /// <summary>The longest deadline: the lane counts as stuck what takes twice as long.</summary>
    public static readonly TimeSpan LongestDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Its name: <c>job</c> of its series, and <c>scrape:NAME</c> of the collector.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>Whether it may be on another host: its series become this host's, and an agent is no way into a network unless it is told to be.</summary>
    public bool IsRemote { get; init; }

    /// <summary>Distance of the scrapes, 100 ms to 1 h, default 15 s.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;

    /// <summary>How long a scrape may take from connecting to the last byte; at most <see cref="MaxDeadlineOf"/>, which is the default.</summary>
    public TimeSpan Deadline { get; init; } = MaxDeadlineOf(DefaultInterval);

    /// <summary>Most bytes of an answer after decompression, 1 KiB to 64 MiB, default 8 MiB. As much memory is held as the largest answer took.</summary>
    public int MaxBytes { get; init; } = 8 << 20;

    /// <summary>Most series that are kept after relabelling, default 5,000; with more the scrape fails.</summary>
    public int MaxSeries { get; init; } = 5_000;

    /// <summary>Headers of the request, in place of what the agent would send under the same name.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init => field = new EqualMap<string>(value); } = EqualMap<string>.Empty;

    /// <summary>A file with a token for <c>Authorization: Bearer</c>, read at each scrape; null: none.</summary>
    public string? BearerTokenFile { get; init; }

    /// <summary>A PEM file with the certificates that the target's must lead to; null: those that the system trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether any certificate is accepted. Default: no.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>What is done to the labels of a sample, in order.</summary>
    public IReadOnlyList<RelabelRule> Relabel { get; init => field = new EqualList<RelabelRule>(value); } = EqualList<RelabelRule>.Empty;

    /// <summary>Host and port, the label <c>instance</c>.</summary>
    public string Instance => $"{Url.Host}:{Url.Port}";

    /// <summary>
    /// The longest deadline of an interval: two fifths of it. A tick closes at half its interval, and what a hanging target costs, <c>weir.scrape.up</c> of 0 with
    /// it, must be in by then.
    /// </summary>
    public static TimeSpan MaxDeadlineOf(TimeSpan interval)
    {
        TimeSpan most = interval * 2 / 5;
        return most < LongestDeadline ? most : LongestDeadline;
    }
}
