namespace Weir.Bench.Replay;

/// <summary>How long a batch waited for its last ACK.</summary>
/// <param name="AckedAt">Timestamp of that ACK.</param>
/// <param name="Length">From handing the batch to its stream until then.</param>
internal readonly record struct AckLatency(long AckedAt, TimeSpan Length);
