namespace Weir.Agent.Spooling;

/// <summary>Entries of one epoch that stand in a segment one after the other, without a gap in their seqs.</summary>
internal sealed record SummaryRun
{
    /// <summary>The epoch.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>Its start number.</summary>
    public required uint StartNumber { get; init; }

    /// <summary>First seq.</summary>
    public required ulong First { get; init; }

    /// <summary>Last seq, inclusive.</summary>
    public required ulong Last { get; init; }

    /// <summary>The newest clock generation among the frames.</summary>
    public uint Generation { get; init; }

    /// <summary>Time of the last tick in that generation, Unix ms; 0 where there is no frame.</summary>
    public long LastTickMs { get; init; }

    /// <summary>The epoch before, where the start of the epoch is here; 0 where it is not, or there was none before.</summary>
    public ulong PreviousEpoch { get; init; }

    /// <summary>Last durable seq of the epoch before.</summary>
    public ulong PreviousLastSeq { get; init; }

    /// <summary>The run with a frame more.</summary>
    public SummaryRun WithTick(uint generation, long ms) =>
        generation > Generation || (generation == Generation && ms > LastTickMs) ? this with { Generation = generation, LastTickMs = ms } : this;
}
