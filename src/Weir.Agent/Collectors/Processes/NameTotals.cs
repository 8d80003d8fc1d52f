namespace Weir.Agent.Collectors.Processes;

/// <summary>All processes of one executable name.</summary>
/// <remarks>Belongs to a <see cref="ProcessTable"/> and its thread.</remarks>
internal sealed class NameTotals(string name, bool isWanted)
{
    /// <summary>The executable's name.</summary>
    public string Name => name;

    /// <summary>Whether the configuration asks for it by name, so that it need not rank.</summary>
    public bool IsWanted => isWanted;

    /// <summary>What its processes used while it was reported, those that ended included.</summary>
    public ProcessCounters Total;

    /// <summary>What they used in this tick.</summary>
    public ProcessCounters Delta;

    /// <summary>What the living ones hold at this tick; the counters in it mean nothing.</summary>
    public ProcessReading Now;

    /// <summary>How many live.</summary>
    public uint Alive;

    /// <summary>CPU time of the last minute or so.</summary>
    public double CpuScore;

    /// <summary>Disk bytes of the last minute or so.</summary>
    public double IoScore;

    /// <summary>Whether it has series of its own.</summary>
    public bool IsReported;

    /// <summary>Whether it had them when the tick began.</summary>
    public bool WasReported;

    /// <summary>Whether it is among the top N of a kind at this tick.</summary>
    public bool IsTop;

    /// <summary>Whether it is among the top 2N of a kind at this tick.</summary>
    public bool IsNear;

    /// <summary>When it was last among the top N, by the ranking's clock.</summary>
    public TimeSpan TopAt;

    /// <summary>When it was last among the top 2N, by the ranking's clock.</summary>
    public TimeSpan NearAt;

    /// <summary>Forgets what belonged to the last tick.</summary>
    public void Begin()
    {
        Delta = default;
        Now = default;
        Alive = 0;
        WasReported = IsReported;
    }

    /// <summary>Adds what another name holds at this tick.</summary>
    public void Hold(NameTotals name) => AddNow(name.Now, name.Alive);

    /// <summary>Adds what processes hold.</summary>
    public void AddNow(in ProcessReading now, uint alive)
    {
        Now.ResidentBytes += now.ResidentBytes;
        Now.VirtualBytes += now.VirtualBytes;
        Now.Threads += now.Threads;
        Now.Handles += now.Handles;
        Now.IsIoDenied |= now.IsIoDenied;
        Alive += alive;
    }
}
