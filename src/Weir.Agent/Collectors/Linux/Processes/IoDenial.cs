using System.Globalization;

namespace Weir.Agent.Collectors.Linux.Processes;

/// <summary>The processes whose disk I/O the system did not let a tick read.</summary>
/// <param name="Processes">How many.</param>
/// <param name="Pid">The first.</param>
/// <param name="Name">What the first is called.</param>
internal readonly record struct IoDenial(int Processes, int Pid, string Name)
{
    private const int CapSysPtrace = 19;

    /// <summary>What is missing, and what would mend it.</summary>
    /// <param name="isHeld">Whether this process holds CAP_SYS_PTRACE: it is then not what is lacking.</param>
    public string Words(bool isHeld)
    {
        string what = Processes == 1
            ? string.Create(CultureInfo.InvariantCulture, $"the disk I/O of 1 process cannot be read, {Name} (PID {Pid}), and that of its name (of `other`, where it has no series) is missing")
            : string.Create(CultureInfo.InvariantCulture, $"the disk I/O of {Processes} processes cannot be read, the first {Name} (PID {Pid}), and that of their names (of `other`, where they have no series) is missing");
        return what + (isHeld
            ? ": CAP_SYS_PTRACE is held and not enough, where a process has rights that the agent lacks or a container or security module guards it; all else is read"
            : $": it needs {SourceRight.Ptrace.Name} ({SourceRight.Ptrace.Grant})");
    }

    /// <summary>Whether this process holds CAP_SYS_PTRACE, as /proc/self/status says; false where it does not say.</summary>
    public static bool HoldsRight(LinuxRoots roots)
    {
        string path = Path.Combine(roots.Proc, "self", "status");
        if (!File.Exists(path)) return false;
        string? line = File.ReadLines(path).FirstOrDefault(static line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line["CapEff:".Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong held) && (held >> CapSysPtrace & 1) != 0;
    }
}
