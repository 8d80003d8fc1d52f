namespace Weir.Bench.Faults;

/// <summary>What happens to an agent and its queue while the remote side is down.</summary>
/// <param name="Kind">What.</param>
/// <param name="FlipAt">Which byte of what waits on disk is flipped: so many hundredths from its begin.</param>
internal sealed record QueueFault(QueueFaultKind Kind, int FlipAt = 0)
{
    public override string ToString() => Kind == QueueFaultKind.FlippedByte ? $"{Kind}-{FlipAt}" : Kind.ToString();
}
