using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>What one segment of the spool holds, as far as a start must know it.</summary>
/// <param name="Start">First position of the segment.</param>
/// <param name="End">The position behind it.</param>
internal sealed record SegmentSummary(long Start, long End)
{
    /// <summary>Whether damage took what stood before the first entry, or all of it.</summary>
    public bool IsStartDamaged { get; init; }

    /// <summary>The entries, in order; damaged ones among them, for their index names them.</summary>
    public IReadOnlyList<SummaryRun> Runs { get; init; } = [];

    /// <summary>Objects whose payload is whole, in order.</summary>
    public IReadOnlyList<SummaryEntry> Objects { get; init; } = [];

    /// <summary>Entries with an index whose payload is known to be broken.</summary>
    public IReadOnlyList<SummaryEntry> Damaged { get; init; } = [];

    /// <summary>What the tombstones here declare.</summary>
    public IReadOnlyList<DeclaredLoss> Given { get; init; } = [];

    /// <summary>Reads a segment: its indexes, and the payloads of the few entries that settle others.</summary>
    public static SegmentSummary Read(SegmentLog log, in LogSegment segment) => new SegmentScan(log, segment).Run();
}
