namespace Weir.Bench.Faults;

/// <summary>How the benchmark <c>faults</c> runs.</summary>
/// <param name="OutageSeconds">How long the remote side is down before the fault.</param>
/// <param name="FlipAt">Which bytes are flipped, each in an outage of its own: so many hundredths into what waits on disk.</param>
/// <param name="BesideVmagent">Whether vmagent goes through the same.</param>
/// <param name="Directory">Where a temporary folder is made.</param>
internal sealed record FaultSettings(int OutageSeconds, IReadOnlyList<int> FlipAt, bool BesideVmagent, string Directory)
{
    /// <summary>How long data flows before the outage, and how long the agent runs between the fault and the end of the outage.</summary>
    public static readonly TimeSpan Around = TimeSpan.FromSeconds(10);

    /// <summary>The faults, in order.</summary>
    public IEnumerable<QueueFault> Faults =>
        [new(QueueFaultKind.Restart), new(QueueFaultKind.Kill), .. FlipAt.Select(static percent => new QueueFault(QueueFaultKind.FlippedByte, percent)), new(QueueFaultKind.DeletedMetadata)];

    /// <summary>How long the remote side is down before the fault.</summary>
    public TimeSpan Outage => TimeSpan.FromSeconds(OutageSeconds);
}
