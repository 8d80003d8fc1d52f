namespace Weir.Agent.Collection;

/// <summary>Where a collector stands between its engine and its lane.</summary>
internal enum SlotState
{
    /// <summary>Nothing asked; the engine owns the slot.</summary>
    Idle,

    /// <summary>In the lane's queue.</summary>
    Queued,

    /// <summary>A thread of the lane is in the collector.</summary>
    Running,

    /// <summary>The collector returned or threw; the engine owns the slot.</summary>
    Done,

    /// <summary>The collector is beyond its lane's deadline and has not returned.</summary>
    Stuck,
}
