namespace Weir.Stores.FrameStore;

/// <summary>Options of the frame store.</summary>
public sealed record FrameStoreOptions
{
    /// <summary>How long samples are kept after they came in; null for ever. Default 15 days. Whole log segments expire, so some stay longer.</summary>
    public TimeSpan? RetentionAge { get; init; } = TimeSpan.FromDays(15);

    /// <summary>Most bytes of log kept over all partitions; null without limit. Default 10 GiB. The segments that are written to do not count as removable.</summary>
    public long? RetentionBytes { get; init; } = 10L << 30;
}
