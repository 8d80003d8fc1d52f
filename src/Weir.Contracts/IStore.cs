using Weir.Frames;
using Weir.Log;

namespace Weir.Contracts;

/// <summary>Where samples end. A store holds its own progress, so that several can stand side by side and none holds another back.</summary>
public interface IStore
{
    /// <summary>Name in metrics and messages.</summary>
    string Name { get; }

    /// <summary>Opens one partition; called once for each before anything is written.</summary>
    IStorePartition OpenPartition(int partition);
}

/// <summary>One partition of a store. Written by one writer at a time.</summary>
public interface IStorePartition
{
    /// <summary>Where reading starts, and the writer's state there. Everything behind it is written again after a start.</summary>
    StoreProgress Progress { get; }

    /// <summary>Takes frames that are neither duplicate nor quarantined, in log order. Must have the same effect when repeated after a restart.</summary>
    void Write(ReadOnlySpan<StoreFrame> frames);

    /// <summary>Learns what an agent says of its host, in log order.</summary>
    void Describe(in RecordHeader record, long fromMs, IReadOnlyList<SeriesAttribute> attributes);

    /// <summary>Everything before these positions has been handed over; each stands at a record.</summary>
    void Reached(LogPositions positions);

    /// <summary>Whether the store wants its progress moved on, because what lies before has expired or is held elsewhere.</summary>
    /// <param name="to">The positions wanted, each at a record.</param>
    bool WantsAdvance(out LogPositions to);

    /// <summary>Makes a new progress durable and gives up what lies before it.</summary>
    /// <exception cref="ArgumentException">It lies before the progress in force: what is there has been given up.</exception>
    /// <exception cref="IOException">The disk does not take it: the old progress stays in force.</exception>
    void Advance(StoreProgress progress);

    /// <summary>Takes the frames that the store has found damaged where they stand in the log since the last call. A store that does not read there again finds none.</summary>
    IReadOnlyList<DamagedFrame> TakeDamaged() => [];

    /// <summary>Forgets frames found damaged: copies of them may come.</summary>
    void Forget(IReadOnlyList<DamagedFrame> frames) { }

    /// <summary>Learns all entries of the partition that damage took and that have not come again, so that answers can name what they lack.</summary>
    void TakeMissing(IReadOnlyList<MissingEntries> missing) { }
}

/// <summary>A position in each class of a partition.</summary>
public readonly record struct LogPositions(long Live, long Backfill)
{
    /// <summary>The position in a class.</summary>
    public long Of(LogClass logClass) => logClass == LogClass.Live ? Live : Backfill;

    /// <summary>Whether these lie at or behind others in every class.</summary>
    public bool Cover(LogPositions others) => Live >= others.Live && Backfill >= others.Backfill;

    /// <summary>The same positions with one moved.</summary>
    public LogPositions With(LogClass logClass, long position) =>
        logClass == LogClass.Live ? this with { Live = position } : this with { Backfill = position };
}

/// <summary>A store's progress in one partition.</summary>
/// <param name="Positions">The next records to read.</param>
/// <param name="Snapshot">The writer's state (duplicates, objects, hosts) at these positions, opaque to the store; empty at the beginning of a log.</param>
public sealed record StoreProgress(LogPositions Positions, ReadOnlyMemory<byte> Snapshot);

/// <summary>A frame on its way into a store.</summary>
public readonly struct StoreFrame
{
    /// <summary>What the gateway said.</summary>
    public required RecordHeader Record { get; init; }

    /// <summary>The frame's header.</summary>
    public required EntryHeader Entry { get; init; }

    /// <summary>Its series.</summary>
    public required Schema Schema { get; init; }

    /// <summary>What a frame of codec 1 is decoded with; null for codec 0.</summary>
    public PackedBaseline? Baseline { get; init; }

    /// <summary>Time of its last tick, Unix ms.</summary>
    public required long LastMs { get; init; }

    /// <summary>Class of the log it stands in.</summary>
    public required LogClass LogClass { get; init; }

    /// <summary>Position of its bytes in that log.</summary>
    public required long Position { get; init; }

    /// <summary>How many bytes.</summary>
    public required int Length { get; init; }
}
