namespace Weir.Agent.Collection;

/// <summary>Runs collectors apart from the engine and from other lanes.</summary>
internal interface ILane : IDisposable
{
    /// <summary>The name in logs and metrics.</summary>
    string Name { get; }

    /// <summary>Queues a slot; false where the queue is full. Never blocks.</summary>
    bool TryPost(CollectorSlot slot);

    /// <summary>Marks runs beyond the deadline as stuck and replaces their threads up to the cap.</summary>
    void Sweep();
}
