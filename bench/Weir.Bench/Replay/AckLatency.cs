namespace Weir.Bench.Replay;

/// <summary>How long a batch waited for its last ACK.</summary>
/// <param name="SentAt">Timestamp of the moment it was handed to its stream.</param>
/// <param name="Length">From then to the ACK.</param>
internal readonly record struct AckLatency(long SentAt, TimeSpan Length);
