namespace Weir.Agent.Collectors.Processes;

/// <summary>What a source says of one process at one tick.</summary>
internal struct ProcessReading
{
    /// <summary>What only grows.</summary>
    public ProcessCounters Counters;

    /// <summary>Bytes of it in memory.</summary>
    public ulong ResidentBytes;

    /// <summary>Bytes of its address space (Linux), or of what it has committed (Windows).</summary>
    public ulong VirtualBytes;

    /// <summary>Its threads.</summary>
    public uint Threads;

    /// <summary>Its handles; Windows only.</summary>
    public uint Handles;

    /// <summary>Whether the agent may not see its disk I/O: the two counters of it are then zero.</summary>
    public bool IsIoDenied;
}
