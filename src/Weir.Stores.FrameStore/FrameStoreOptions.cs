namespace Weir.Stores.FrameStore;

/// <summary>Options of the frame store.</summary>
public sealed record FrameStoreOptions
{
    /// <summary>How long samples are kept: parts go when their hour ended longer ago, unsealed log segments when they were closed longer ago; null for ever. Default 15 days.</summary>
    public TimeSpan? RetentionAge { get; init; } = TimeSpan.FromDays(15);

    /// <summary>Most bytes of log and parts kept over all partitions; null without limit. Default 10 GiB. The oldest hour goes first; log goes only where no part is left.</summary>
    public long? RetentionBytes { get; init; } = 10L << 30;

    /// <summary>How long frames stay in the log alone before they are sealed into parts; null: never, the log is kept. Default 5 minutes. Raising it costs memory and start-up time, lowering it makes more and smaller parts.</summary>
    public TimeSpan? SealInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of log per partition above which sealing does not wait for the interval. Default 64 MiB. Source: the size of a log segment.</summary>
    public long SealBytes { get; init; } = 64L << 20;

    /// <summary>Age below which frames stay hot although a seal runs, so that instant queries are answered from memory. Default 1 minute.</summary>
    public TimeSpan KeepHot { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after the end of an hour, and after its newest part was made, its parts are merged into one. Default 15 minutes. Raising it lets more latecomers join the first merge.</summary>
    public TimeSpan MergeDelay { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Parts of an ended hour that are merged without waiting for quiet, once the smaller ones together reach the size of the largest. Default 4.</summary>
    public int MergeParts { get; init; } = 4;

    /// <summary>Most of one core that sealing and merging take, above 0 and up to 1. Default 0.5. They are one thread for the whole store, and take it all when the log grows to four times <see cref="SealBytes"/>.</summary>
    public double UpkeepShare { get; init; } = 0.5;

    /// <summary>How often the store looks for something to seal, merge or give up. Default 5 seconds.</summary>
    public TimeSpan UpkeepInterval { get; init; } = TimeSpan.FromSeconds(5);
}
