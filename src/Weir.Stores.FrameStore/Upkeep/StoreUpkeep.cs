using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore.Upkeep;

/// <summary>Seals, merges and gives up, one piece of work at a time for the whole store.</summary>
/// <remarks>What fails (a full disk) is tried again with growing distance and harms nothing: the log and the parts before stay. Not thread-safe; one loop drives it.</remarks>
internal sealed class StoreUpkeep : IDisposable
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(5);

    // Between attempts to seal at once, and how many there are: a minute, in which a disk that never gives a frame has made damage of it.
    private static readonly TimeSpan SealPause = TimeSpan.FromSeconds(1);
    private const int MaxSealAttempts = 60;

    // The log may grow to so many times the sealing size before sealing takes a core for itself.
    private const int UrgentTimes = 4;

    private readonly FrameStore _store;
    private readonly FrameStoreOptions _options;
    private readonly Pace _pace;
    private readonly Sealer _sealer;
    private readonly Merger _merger;
    private readonly Dictionary<(FrameStorePartition, string), Failure> _failures = [];
    private readonly Dictionary<FrameStorePartition, long> _sealedMs = [];
    private readonly Dictionary<FrameStorePartition, UnreadFrames> _unread = [];
    private readonly HashSet<Part> _unmergeable = [];

    public StoreUpkeep(FrameStore store)
    {
        _store = store;
        _options = store.Options;
        _pace = new Pace(store.Time, _options.UpkeepShare);
        _sealer = new Sealer(store, _pace);
        _merger = new Merger(store, _pace);
    }

    private long NowMs => _store.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Looks once through all partitions.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        foreach (FrameStorePartition partition in _store.Opened)
        {
            partition.Reads.Collect();
            LogPositions to = partition.Mark(NowMs, _options.KeepHot);
            await TryAsync(partition, "seal", () => SealIfDueAsync(partition, to, cancellationToken), cancellationToken);
            await TryAsync(partition, "merge", () => MergeIfDueAsync(partition, cancellationToken), cancellationToken);
            await TryAsync(partition, "retention", () => Expire(partition), cancellationToken);
        }

        _store.Schemas.Sweep();
    }

    /// <summary>Seals everything that the writer has handed over, now.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="advance">Has the writer give up what is damaged and move its progress.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The disk does not take it, or for a minute does not give all of the log: nothing has been given up for that.</exception>
    public async ValueTask SealAsync(FrameStorePartition partition, Action advance, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            bool isSealed = false;
            try
            {
                await TrySealAsync(partition, partition.ReachedPositions, cancellationToken);
                isSealed = true;
            }
            catch (IOException) when (attempt < MaxSealAttempts && _unread.TryGetValue(partition, out UnreadFrames? unread) && unread.Waiting > 0)
            {
                // Each attempt counts: what the writer lets stand is kept as it is in the end.
            }

            advance();
            if (isSealed) return;
            await Task.Delay(SealPause, _store.Time, cancellationToken);
        }
    }

    /// <summary>Merges every hour that has several intact parts, now.</summary>
    public async ValueTask MergeAsync(FrameStorePartition partition, CancellationToken cancellationToken)
    {
        foreach (Part[] hour in HoursWithSeveral(partition).ToArray()) await _merger.MergeAsync(partition, hour, cancellationToken);
    }

    /// <summary>Merges every hour that has ended and has several intact parts, now; damaged ones are left alone.</summary>
    public async ValueTask MergeEndedAsync(FrameStorePartition partition, CancellationToken cancellationToken)
    {
        // Each turn leaves an hour with one part, or one part fewer to merge.
        while (HoursWithSeveral(partition).FirstOrDefault(hour => hour[0].Info.HourMs + PartFormat.HourMs <= NowMs) is { } hour)
            await TryMergeAsync(partition, hour, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _sealer.Dispose();

    private async ValueTask SealIfDueAsync(FrameStorePartition partition, LogPositions to, CancellationToken cancellationToken)
    {
        if (_options.SealInterval is not { } interval || partition.HasPendingSeal) return;
        if (!_sealedMs.TryGetValue(partition, out long sealedMs)) _sealedMs[partition] = sealedMs = NowMs;
        long bytes = partition.UnsealedBytes;
        bool isLarge = bytes >= _options.SealBytes;
        // What is kept hot must not keep a flooded log from being sealed.
        _pace.IsUrgent = bytes >= UrgentTimes * _options.SealBytes;
        if (_pace.IsUrgent) to = partition.ReachedPositions;
        if (!isLarge && NowMs - sealedMs < (long)interval.TotalMilliseconds) return;
        if (await TrySealAsync(partition, to, cancellationToken)) _sealedMs[partition] = NowMs;
    }

    private async ValueTask<bool> TrySealAsync(FrameStorePartition partition, LogPositions to, CancellationToken cancellationToken)
    {
        long begun = _store.Time.GetTimestamp();
        if (!partition.TryBeginSeal(to)) return false;
        if (!_unread.TryGetValue(partition, out UnreadFrames? unread)) _unread[partition] = unread = new UnreadFrames();
        partition.Offer(await _sealer.SealAsync(partition, to, unread, cancellationToken));
        // Those that were given up stand in a part.
        _unread.Remove(partition);
        _store.Metrics.UpkeepTook("seal", _store.Time.GetElapsedTime(begun));
        return true;
    }

    private async ValueTask MergeIfDueAsync(FrameStorePartition partition, CancellationToken cancellationToken)
    {
        long delay = (long)_options.MergeDelay.TotalMilliseconds;
        foreach (Part[] hour in HoursWithSeveral(partition).ToArray())
        {
            bool hasEnded = hour[0].Info.HourMs + PartFormat.HourMs + delay <= NowMs;
            bool isQuiet = hour.Max(static part => part.Info.MadeMs) + delay <= NowMs;
            if (!hasEnded || (!isQuiet && !IsWorthwhile(hour))) continue;
            await TryMergeAsync(partition, hour, cancellationToken);
            return;
        }
    }

    private async ValueTask TryMergeAsync(FrameStorePartition partition, Part[] hour, CancellationToken cancellationToken)
    {
        long begun = _store.Time.GetTimestamp();
        try
        {
            await _merger.MergeAsync(partition, hour, cancellationToken);
        }
        catch (PartDamagedException e)
        {
            // Left alone from now on; the others of its hour are merged without it.
            _unmergeable.Add(e.Part);
            _store.Metrics.BlockDamaged();
            _store.Logger.PartDamaged(partition.Number, e.Part.Path, e.Damage);
        }

        _store.Metrics.UpkeepTook("merge", _store.Time.GetElapsedTime(begun));
    }

    private IEnumerable<Part[]> HoursWithSeveral(FrameStorePartition partition) => partition.Parts
        .Where(part => part.Damage == PartDamage.None && !_unmergeable.Contains(part))
        .GroupBy(static part => part.Info.HourMs)
        .Select(static hour => hour.ToArray())
        .Where(static hour => hour.Length > 1);

    // While late parts still come, an hour is rewritten only when they have grown to the size of the rest: each sample so often as sizes double, not once for every part.
    private bool IsWorthwhile(Part[] hour)
    {
        long largest = hour.Max(static part => part.Info.Bytes), all = hour.Sum(static part => part.Info.Bytes);
        return hour.Length >= _options.MergeParts && all - largest >= largest;
    }

    private ValueTask Expire(FrameStorePartition partition)
    {
        while (_store.Retention.NextExpired(partition) is { } expired)
        {
            PartInfo info = expired.Part.Info;
            if (!partition.TryReplace([expired.Part], [info], merged: null)) break;
            _unmergeable.Remove(expired.Part);
            _store.Metrics.SamplesExpired(info.Samples, expired.Reason);
            _store.Logger.PartExpired(partition.Number, info.Number, DateTimeOffset.FromUnixTimeMilliseconds(info.HourMs), expired.Reason);
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask TryAsync(FrameStorePartition partition, string work, Func<ValueTask> run, CancellationToken cancellationToken)
    {
        if (_failures.TryGetValue((partition, work), out Failure failure) && NowMs < failure.RetryMs) return;
        try
        {
            await run();
            _failures.Remove((partition, work));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // A bug among them: one piece of work that fails in whatever way must not end the upkeep of all partitions.
            int count = failure.Count + 1;
            TimeSpan backoff = TimeSpan.FromTicks(Math.Min(_options.UpkeepInterval.Ticks << Math.Min(count, 10), LongestBackoff.Ticks));
            _failures[(partition, work)] = new Failure(count, NowMs + (long)backoff.TotalMilliseconds);
            _store.Metrics.UpkeepFailed(work);
            if (System.Numerics.BitOperations.IsPow2(count)) _store.Logger.UpkeepFailed(e, partition.Number, work, backoff.TotalSeconds, count);
        }
    }

    private readonly record struct Failure(int Count, long RetryMs);
}
