namespace Weir.Agent.Collectors.Processes;

/// <summary>What the collectors of processes, units and the journal say. Event ids 1800 to 1849; retired ids are never used again.</summary>
internal static partial class ProcessLog
{
    [LoggerMessage(1800, LogLevel.Warning, "The disk I/O of {Processes} processes of other users cannot be read, and that of their names is missing: it needs CAP_SYS_PTRACE (in the unit of systemd: AmbientCapabilities=CAP_SYS_PTRACE)")]
    public static partial void IoDenied(ILogger logger, int processes);

    [LoggerMessage(1801, LogLevel.Warning, "{Processes} processes are not looked at: at most {Most} are")]
    public static partial void Untracked(ILogger logger, int processes, int most);
}
