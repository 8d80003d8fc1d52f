using Weir.Agent.Identity;

namespace Weir.Agent.Spooling;

/// <summary>Options of an <see cref="AgentStore"/>.</summary>
/// <param name="DataDirectory">Where identity and spool live.</param>
/// <param name="SpoolBytes">Disk budget of the spool. Checked before each append, so that it may be exceeded by one segment.</param>
/// <param name="HostAttributes">What the agent says of its host at the start of each epoch; <c>host.id</c> is added.</param>
internal sealed record AgentStoreOptions(string DataDirectory, long SpoolBytes, IReadOnlyList<SeriesAttribute> HostAttributes)
{
    /// <summary>The machine. On another one than before the agent takes a new id: its data directory was copied, or its disk moved.</summary>
    public MachineMark Machine { get; init; }

    /// <summary>Bytes of a segment: the budget is given back in steps of it. 8 MiB, a sixteenth of a smaller budget, never below 64 KiB.</summary>
    public long SegmentBytes { get; init; } = Math.Clamp(SpoolBytes / 16, 64 << 10, 8 << 20);

    /// <summary>Bytes of the reserve that lets a full disk end well, 0 for none. Default 1 MiB: acks, state and the tombstones of a spool that is full itself.</summary>
    public long ReserveBytes { get; init; } = 1 << 20;
}
