namespace Weir.Agent.Collectors.Processes;

/// <summary>What the collectors of processes, units and the journal say. Event ids 1800 to 1849; retired ids are never used again.</summary>
internal static partial class ProcessLog
{
    [LoggerMessage(1800, LogLevel.Warning, "Collector process: {Shortfall}")]
    public static partial void IoDenied(ILogger logger, string shortfall);

    [LoggerMessage(1801, LogLevel.Warning, "{Processes} processes are not looked at: at most {Most} are")]
    public static partial void Untracked(ILogger logger, int processes, int most);

    [LoggerMessage(1802, LogLevel.Warning, "{Groups} control groups are left out: at most {Most} are reported; include and exclude choose which")]
    public static partial void GroupsBeyond(ILogger logger, int groups, int most);

    [LoggerMessage(1803, LogLevel.Warning, "{Units} units of systemd are left out: at most {Most} are reported; include and exclude choose which")]
    public static partial void UnitsBeyond(ILogger logger, int units, int most);

    [LoggerMessage(1804, LogLevel.Information, "{Program} ended ({Error}) and is started again")]
    public static partial void ChildRestarted(ILogger logger, string program, string error);

    [LoggerMessage(1805, LogLevel.Warning, "{Program} wrote {Lines} lines that are no records of the journal, or longer than {Most} bytes; they are not counted")]
    public static partial void LinesRefused(ILogger logger, string program, long lines, int most);

    [LoggerMessage(1806, LogLevel.Warning, "{File} has more than {Most} bytes and is not read; nor is any other such file of a control group, which is not said again")]
    public static partial void GroupFileTooLarge(ILogger logger, string file, int most);
}
