using Weir.Agent.Collection;

namespace Weir.Bench.Outage;

/// <summary>Runs collectors at once: while they do, the outage's clock stands still.</summary>
internal sealed class InlineLane : ILane
{
    public string Name => "high";

    public bool TryPost(CollectorSlot slot)
    {
        if (slot.TryBegin()) slot.Run(static (_, _) => { });
        return true;
    }

    public void Sweep()
    {
        // Nothing runs on beside the engine.
    }

    public void Dispose()
    {
        // Has no threads.
    }
}
