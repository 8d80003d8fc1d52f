namespace Weir.Agent.Collectors.Processes;

/// <summary>What only grows in the life of a process, in the units of the source; also the sum of it over processes.</summary>
/// <param name="User">CPU time in user mode, in ticks of the source.</param>
/// <param name="System">CPU time in the kernel, in ticks of the source.</param>
/// <param name="MinorFaults">Page faults that needed no disk.</param>
/// <param name="MajorFaults">Page faults that needed one.</param>
/// <param name="ReadBytes">Bytes read from disks.</param>
/// <param name="WrittenBytes">Bytes written to disks.</param>
internal readonly record struct ProcessCounters(ulong User, ulong System, ulong MinorFaults, ulong MajorFaults, ulong ReadBytes, ulong WrittenBytes)
{
    /// <summary>CPU time of both modes.</summary>
    public ulong Cpu => User + System;

    /// <summary>Bytes of both directions.</summary>
    public ulong Io => ReadBytes + WrittenBytes;

    /// <summary>The sum of two.</summary>
    public static ProcessCounters operator +(in ProcessCounters a, in ProcessCounters b) => new(
        a.User + b.User, a.System + b.System, a.MinorFaults + b.MinorFaults, a.MajorFaults + b.MajorFaults, a.ReadBytes + b.ReadBytes, a.WrittenBytes + b.WrittenBytes);

    /// <summary>What was added since an earlier reading. What ran backward (a wrap of a narrow counter, an odd kernel) adds nothing.</summary>
    public ProcessCounters Since(in ProcessCounters last) => new(
        Step(User, last.User), Step(System, last.System), Step(MinorFaults, last.MinorFaults), Step(MajorFaults, last.MajorFaults), Step(ReadBytes, last.ReadBytes), Step(WrittenBytes, last.WrittenBytes));

    private static ulong Step(ulong now, ulong last) => now > last ? now - last : 0;
}
