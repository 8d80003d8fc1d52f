using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>What the spool knows of one epoch that it still holds entries of. Guarded by the lock of <see cref="SpoolBooks"/>.</summary>
internal sealed class EpochBook(ulong epoch, uint startNumber)
{
    /// <summary>The epoch.</summary>
    public ulong Epoch { get; } = epoch;

    /// <summary>Its start number.</summary>
    public uint StartNumber { get; } = startNumber;

    /// <summary>Its last durable entry.</summary>
    public ulong LastSeq { get; set; }

    /// <summary>Time of its last durable tick, Unix ms; 0 where it has none.</summary>
    public long LastTickMs => _lastTick.Ms;

    /// <summary>Entries that the gateway has, or that were declared lost, or that left the spool before.</summary>
    public SeqSet Settled { get; } = new();

    private (uint Generation, long Ms) _lastTick;

    /// <summary>The oldest entry that is not settled; 0 where all are.</summary>
    public ulong OldestUnsettled
    {
        get
        {
            ulong first = Settled.Ranges.Count > 0 && Settled.Ranges[0].First <= 1 ? Settled.Ranges[0].Last + 1 : 1;
            return first <= LastSeq ? first : 0;
        }
    }

    /// <summary>How many entries are not settled.</summary>
    public ulong Unsettled
    {
        get
        {
            ulong settled = 0;
            foreach ((ulong first, ulong last) in Settled.Ranges) settled += last - first + 1;
            return LastSeq - Math.Min(settled, LastSeq);
        }
    }

    /// <summary>Takes note of a tick. The newest clock generation wins: after a step back its ticks are the later ones.</summary>
    public void TakeTick(uint generation, long ms)
    {
        if (generation > _lastTick.Generation || (generation == _lastTick.Generation && ms > _lastTick.Ms)) _lastTick = (generation, ms);
    }
}
