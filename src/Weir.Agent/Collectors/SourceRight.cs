namespace Weir.Agent.Collectors;

/// <summary>A right that an ordinary user lacks, and how an administrator grants it.</summary>
/// <param name="Name">What it is called on its system: <c>group Performance Monitor Users</c>.</param>
/// <param name="Grant">The one command that grants it to the account ACCOUNT.</param>
internal sealed record SourceRight(string Name, string Grant)
{
    /// <summary>Performance counters for accounts that are not logged on interactively.</summary>
    public static SourceRight PerformanceMonitorUsers { get; } = new("group Performance Monitor Users", "net localgroup \"Performance Monitor Users\" ACCOUNT /add");

    /// <summary>The event logs.</summary>
    public static SourceRight EventLogReaders { get; } = new("group Event Log Readers", "net localgroup \"Event Log Readers\" ACCOUNT /add");

    /// <summary>The systemd journal.</summary>
    public static SourceRight SystemdJournal { get; } = new("group systemd-journal", "usermod --append --groups systemd-journal ACCOUNT");
}
