using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>What <see cref="SpoolInspection"/> says of one segment.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Runs">Its entries: runs without a gap.</param>
/// <param name="Entries">How many.</param>
/// <param name="Unsettled">How many of them no gateway has.</param>
/// <param name="OldestMs">Time of the first tick of a frame, Unix ms; null where there is no frame.</param>
/// <param name="NewestMs">Time of the last tick of a frame.</param>
/// <param name="IsDamaged">Whether opening or reading its indexes met damage; <c>verify</c> reads the payloads, too.</param>
internal sealed record SpoolSegmentReport(LogSegment Segment, IReadOnlyList<SummaryRun> Runs, long Entries, long Unsettled, long? OldestMs, long? NewestMs, bool IsDamaged);
