using Weir.Contracts;
using Weir.Stores.FrameStore.Parts;
using Weir.Stores.FrameStore.Upkeep;

namespace Weir.Stores.FrameStore;

/// <summary>Looks at a store from outside, and works on it when asked: for a data directory that no server uses.</summary>
/// <remarks>Not thread-safe, and not beside <see cref="FrameStore.RunAsync"/>.</remarks>
/// <param name="store">The store, its partitions opened.</param>
public sealed class StoreInspection(FrameStore store)
{
    /// <summary>What every partition holds.</summary>
    public IReadOnlyList<PartitionReport> Inspect() => [.. store.Opened.Select(static partition =>
    {
        LogPositions positions = partition.Progress.Positions;
        return new PartitionReport(
            partition.Number, positions.Live, positions.Backfill, partition.Live.SizeBytes + partition.Backfill.SizeBytes, partition.UnsealedBytes,
            partition.HostCount, [.. partition.Parts.Select(part => Report(partition, part))], partition.Missing);
    })];

    /// <summary>Reads everything in every part again, and compares it with what its directories, its footer and the manifest say.</summary>
    /// <returns>All that is damaged, as it is found.</returns>
    public IEnumerable<DamageReport> Verify(CancellationToken cancellationToken)
    {
        foreach (FrameStorePartition partition in store.Opened)
        {
            foreach (Part part in partition.Parts)
            {
                PartReport report = Report(partition, part);
                foreach ((string? host, PartDamage damage) in PartVerifier.Verify(partition, part, cancellationToken)) yield return new DamageReport(report, host, damage);
            }
        }
    }

    /// <summary>Seals everything that the writer has handed over.</summary>
    /// <param name="advance">Has the writer give up what is damaged and move its progress: behind each attempt, of which the last counts only then.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The disk does not take it: partitions that are not sealed are as they were.</exception>
    public async Task SealAsync(Action advance, CancellationToken cancellationToken)
    {
        using var upkeep = new StoreUpkeep(store);
        foreach (FrameStorePartition partition in store.Opened) await upkeep.SealAsync(partition, advance, cancellationToken);
    }

    /// <summary>Merges the parts of every hour that has ended. Damaged ones are left alone.</summary>
    /// <exception cref="IOException">The disk does not take it: nothing is lost.</exception>
    public async Task MergeAsync(CancellationToken cancellationToken)
    {
        using var upkeep = new StoreUpkeep(store);
        foreach (FrameStorePartition partition in store.Opened) await upkeep.MergeEndedAsync(partition, cancellationToken);
    }

    /// <summary>Gives up parts that cannot be opened: the manifest forgets them, and what is left of their files is deleted.</summary>
    /// <param name="part">One that <see cref="Inspect"/> found damaged.</param>
    /// <returns>False where it is intact, of a newer version or not there: nothing has been done.</returns>
    public bool GiveUp(PartReport part)
    {
        FrameStorePartition? partition = store.Opened.FirstOrDefault(opened => opened.Number == part.Partition);
        Part? found = partition?.Parts.FirstOrDefault(known => known.Info.Number == part.Number);
        return found is not null && CanGiveUp(found.Damage) && partition!.TryReplace([found], [found.Info], merged: null);
    }

    /// <summary>Whether a part with such damage is of no more use to any version of this program. One that cannot be read may only lack a right.</summary>
    public static bool CanGiveUp(PartDamage damage) => damage is not (PartDamage.None or PartDamage.Newer or PartDamage.Unreadable);

    private static PartReport Report(FrameStorePartition partition, Part part) => new(
        partition.Number, part.Info.Number, DateTimeOffset.FromUnixTimeMilliseconds(part.Info.HourMs), part.Info.Samples, part.Info.Bytes,
        part.Info.Exclusions.Count, part.Damage, part.Path);
}
