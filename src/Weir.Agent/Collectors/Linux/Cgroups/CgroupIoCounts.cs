namespace Weir.Agent.Collectors.Linux.Cgroups;

/// <summary>What a control group read and wrote on a device.</summary>
internal struct CgroupIoCounts
{
    public ulong ReadBytes { get; set; }

    public ulong WrittenBytes { get; set; }

    public ulong Reads { get; set; }

    public ulong Writes { get; set; }

    /// <summary>These, and what a device counted since its last counts; where it counts less than then, it began anew.</summary>
    public readonly CgroupIoCounts Plus(CgroupIoCounts now, CgroupIoCounts last) => new()
    {
        ReadBytes = ReadBytes + Since(now.ReadBytes, last.ReadBytes),
        WrittenBytes = WrittenBytes + Since(now.WrittenBytes, last.WrittenBytes),
        Reads = Reads + Since(now.Reads, last.Reads),
        Writes = Writes + Since(now.Writes, last.Writes),
    };

    private static ulong Since(ulong now, ulong last) => now >= last ? now - last : now;
}
