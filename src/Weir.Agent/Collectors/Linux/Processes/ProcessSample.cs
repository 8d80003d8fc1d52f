namespace Weir.Agent.Collectors.Linux.Processes;

/// <summary>What /proc/[pid]/stat says of a process; times in clock ticks.</summary>
internal struct ProcessSample
{
    private const uint KernelThread = 0x0020_0000;

    // A name of 64 bytes (kernel threads) and 22 numbers of 20 digits fit.
    private const int NumbersToResident = 22;

    /// <summary>Its number.</summary>
    public int Pid;

    /// <summary>R, S, D, Z, T, I, ...</summary>
    public byte State;

    /// <summary>Whether it is a thread of the kernel.</summary>
    public bool IsKernel;

    /// <summary>The first 16 bytes of its command: all of it, but for some kernel threads.</summary>
    public UInt128 Command;

    /// <summary>When it started, in ticks since the host started.</summary>
    public ulong Start;

    public ulong User;
    public ulong System;
    public ulong MinorFaults;
    public ulong MajorFaults;
    public ulong VirtualBytes;
    public ulong ResidentPages;
    public uint Threads;

    /// <summary>Reads the line; false where it is cut or is none.</summary>
    /// <remarks>The command may hold anything, parentheses, blanks and line ends included: it ends at the last parenthesis.</remarks>
    public static bool TryParse(int pid, ReadOnlySpan<byte> line, out ProcessSample sample)
    {
        sample = new ProcessSample { Pid = pid };
        int begin = line.IndexOf((byte)'('), end = line.LastIndexOf(") "u8);
        if (begin < 0 || end <= begin || end + 2 >= line.Length) return false;
        sample.Command = Packed(line[(begin + 1)..end]);
        var words = new ProcText(line[(end + 2)..]);
        sample.State = words.Word()[0];
        for (int field = 1; field < NumbersToResident; field++)
        {
            if (words.Rest.TrimStart((byte)' ') is not [>= (byte)'0' and <= (byte)'9' or (byte)'-', ..]) return false;
            // Signed ones (tty, priority) read as zero, and are not used.
            sample.Take(field, words.Number());
        }

        return true;
    }

    /// <summary>The bytes of <see cref="Command"/>.</summary>
    public readonly int CopyCommand(Span<byte> bytes)
    {
        UInt128 rest = Command;
        int length = 0;
        for (; rest != 0; rest >>= 8) bytes[length++] = (byte)rest;
        return length;
    }

    // Fields behind the state, as proc(5) numbers them less three.
    private void Take(int field, ulong value)
    {
        switch (field)
        {
            case 6: IsKernel = (value & KernelThread) != 0; break;
            case 7: MinorFaults = value; break;
            case 9: MajorFaults = value; break;
            case 11: User = value; break;
            case 12: System = value; break;
            case 17: Threads = (uint)value; break;
            case 19: Start = value; break;
            case 20: VirtualBytes = value; break;
            case 21: ResidentPages = value; break;
        }
    }

    private static UInt128 Packed(ReadOnlySpan<byte> command)
    {
        UInt128 packed = 0;
        for (int i = Math.Min(command.Length, 16) - 1; i >= 0; i--) packed = (packed << 8) | command[i];
        return packed;
    }
}
