namespace Weir.Contracts;

/// <summary>Reads samples out of a store. What queries, the console and <c>weir query</c> stand on.</summary>
/// <remarks>Safe for concurrent calls. A (series, time) resolves to one value, the same in every call that covers it.</remarks>
public interface ISeriesReader
{
    /// <summary>The samples of every series that meets all matchers, each series in time order, series in no particular order.</summary>
    /// <remarks>What cannot be read is left out and named in <see cref="SeriesSelection.Gaps"/>; the rest is answered.</remarks>
    /// <exception cref="ReadLimitException">The selection covers more than its own limits allow.</exception>
    ValueTask<IReadOnlyList<SeriesSamples>> ReadAsync(SeriesSelection selection, CancellationToken cancellationToken);

    /// <summary>The series that meet all matchers and have samples in the range, without reading samples.</summary>
    /// <exception cref="ReadLimitException">More series than <see cref="SeriesSelection.MaxSeries"/>.</exception>
    ValueTask<IReadOnlyList<Labels>> FindSeriesAsync(SeriesSelection selection, CancellationToken cancellationToken);
}

/// <summary>What to read.</summary>
public sealed record SeriesSelection
{
    /// <summary>Whose series; "default" until tenants exist.</summary>
    public required string Tenant { get; init; }

    /// <summary>Conditions that all must hold; none means every series.</summary>
    public required IReadOnlyList<LabelMatcher> Matchers { get; init; }

    /// <summary>First time, Unix ms, inclusive.</summary>
    public required long FromMs { get; init; }

    /// <summary>Last time, Unix ms, inclusive.</summary>
    public required long ToMs { get; init; }

    /// <summary>Only the newest sample of each series in the range: what an instant query needs. Default false.</summary>
    public bool LatestOnly { get; init; }

    /// <summary>Most samples one read may return; above it the read fails rather than answer in part. Default 50 million, source: the memory of one query (16 B a sample).</summary>
    /// <remarks>
    /// A read fails as soon as it has gathered more, so that memory is bounded by the limit and not by what the store holds. Where a (series, time) is stored
    /// several times, copies that are superseded may count: a read that has to hold more than twice the limit with them may fail though its answer would fit.
    /// </remarks>
    public long MaxSamples { get; init; } = 50_000_000;

    /// <summary>Most series one read may return. Default 500,000.</summary>
    public int MaxSeries { get; init; } = 500_000;

    /// <summary>Receives what had to be left out; null where nobody asks.</summary>
    public ReadGaps? Gaps { get; init; }
}

/// <summary>The samples of one series.</summary>
/// <param name="Labels">Its identity.</param>
/// <param name="TimesMs">Unix ms, strictly increasing; same length as <paramref name="Values"/>. Owned by the caller.</param>
/// <param name="Values">The values, bit-exact. Owned by the caller.</param>
public sealed record SeriesSamples(Labels Labels, long[] TimesMs, double[] Values);

/// <summary>A read would exceed a limit; nothing was returned. The message names the limit.</summary>
public sealed class ReadLimitException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="limitName">What is limited, in words: "samples", "series".</param>
    /// <param name="limit">The limit.</param>
    public ReadLimitException(string limitName, long limit)
        : base(FormattableString.Invariant($"the query reads more than {limit} {limitName}; narrow the selector or the time range"))
    {
        LimitName = limitName;
        Limit = limit;
    }

    /// <summary>What is limited.</summary>
    public string LimitName { get; }

    /// <summary>The limit.</summary>
    public long Limit { get; }
}
