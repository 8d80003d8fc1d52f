using Weir.Agent.Collection;

namespace Weir.Agent.Tests.Collection;

/// <summary>Runs collectors at once, or keeps them until the test lets them run.</summary>
internal sealed class InlineLane(string name = "high") : ILane
{
    private readonly List<CollectorSlot> _held = [];

    public string Name => name;

    /// <summary>Names of collectors that begin and do not return until <see cref="Release"/>.</summary>
    public HashSet<string> Hangs { get; } = [];

    /// <summary>Names of collectors that wait in the queue until <see cref="Release"/>.</summary>
    public HashSet<string> Waits { get; } = [];

    public bool IsFull { get; set; }

    /// <summary>What happens before a collector gets a thread.</summary>
    public Action Waiting { get; set; } = static () => { };

    public bool TryPost(CollectorSlot slot)
    {
        if (IsFull) return false;
        if (Waits.Contains(slot.Collector.Name)) return true;
        Waiting();
        Assert.True(slot.TryBegin());
        if (Hangs.Contains(slot.Collector.Name)) _held.Add(slot);
        else slot.Run(static (_, _) => { });
        return true;
    }

    /// <summary>Lets everything that hangs return.</summary>
    public void Release()
    {
        foreach (CollectorSlot slot in _held) slot.Run(static (_, _) => { });
        _held.Clear();
    }

    /// <summary>What a real lane does when the deadline has passed.</summary>
    public void MarkStuck()
    {
        foreach (CollectorSlot slot in _held) slot.TryMarkStuck();
    }

    public void Sweep()
    {
        // The test decides with MarkStuck.
    }

    public void Dispose() => _held.Clear();
}
