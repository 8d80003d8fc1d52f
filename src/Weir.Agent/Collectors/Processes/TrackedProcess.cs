namespace Weir.Agent.Collectors.Processes;

/// <summary>A process that is watched, between two ticks.</summary>
internal struct TrackedProcess
{
    /// <summary>Its number, which a later process may take over.</summary>
    public int Pid;

    /// <summary>When it started, by the source's clock: number and start name a process for good.</summary>
    public ulong Start;

    /// <summary>What changes when it becomes another program without a new number.</summary>
    public UInt128 Tag;

    /// <summary>What its program is called.</summary>
    public NameTotals Name;

    /// <summary>Its counters at the last tick.</summary>
    public ProcessCounters Last;

    /// <summary>Whether <see cref="Last"/> has been read.</summary>
    public bool IsRead;

    /// <summary>Whether its whole life lies after the last tick, so that all it used is counted.</summary>
    public bool IsNew;

    /// <summary>Whether its I/O was denied at the last tick.</summary>
    public bool IsIoDenied;

    /// <summary>The tick that saw it last.</summary>
    public long Tick;
}
