using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>What the spool knows of one epoch that it still holds entries of.</summary>
internal sealed class EpochBook(ulong epoch, uint startNumber)
{
    /// <summary>The epoch.</summary>
    public ulong Epoch { get; } = epoch;

    /// <summary>Its start number.</summary>
    public uint StartNumber { get; } = startNumber;

    /// <summary>Its last durable entry.</summary>
    public ulong LastSeq { get; set; }

    /// <summary>Time of its last durable tick, Unix ms.</summary>
    public long LastTickMs { get; set; }

    /// <summary>Entries that the gateway has, or that were declared lost.</summary>
    public SeqSet Settled { get; } = new();

    /// <summary>The oldest entry that is not settled; 0 where all are.</summary>
    public ulong OldestUnsettled
    {
        get
        {
            ulong first = Settled.Ranges.Count > 0 && Settled.Ranges[0].First == 1 ? Settled.Ranges[0].Last + 1 : 1;
            return first <= LastSeq ? first : 0;
        }
    }
}
