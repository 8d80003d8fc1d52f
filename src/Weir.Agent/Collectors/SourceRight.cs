using Weir.Agent.Services.Windows;

namespace Weir.Agent.Collectors;

/// <summary>A right that an ordinary user lacks, and how an administrator grants it.</summary>
/// <param name="Name">What it is called on its system: <c>group Performance Monitor Users</c>.</param>
/// <param name="Command">The one command that grants it to the account ACCOUNT; null where there is none.</param>
/// <param name="UnitSettings">What grants it in a unit of systemd, which is the only way where the account is one of systemd's own (<c>DynamicUser</c>); empty on Windows.</param>
internal sealed record SourceRight(string Name, string? Command, params IReadOnlyList<string> UnitSettings)
{
    /// <summary>Performance counters for accounts that are not logged on interactively.</summary>
    public static SourceRight PerformanceMonitorUsers { get; } = OfGroup(LocalGroup.PerformanceMonitorUsers);

    /// <summary>The event logs.</summary>
    public static SourceRight EventLogReaders { get; } = OfGroup(LocalGroup.EventLogReaders);

    /// <summary>The systemd journal.</summary>
    public static SourceRight SystemdJournal { get; } = new("group systemd-journal", "usermod --append --groups systemd-journal ACCOUNT", "SupplementaryGroups=systemd-journal");

    /// <summary>What other accounts' processes do, beyond what everybody may see. A capability outside the bounding set is refused: the unit needs both.</summary>
    public static SourceRight Ptrace { get; } = new("capability CAP_SYS_PTRACE", null, "CapabilityBoundingSet=CAP_SYS_PTRACE", "AmbientCapabilities=CAP_SYS_PTRACE");

    /// <summary>How it is granted, in words.</summary>
    public string Grant
    {
        get
        {
            string settings = string.Join(" and ", UnitSettings);
            return Command is null ? $"in the unit of systemd: {settings}" : settings.Length == 0 ? Command : $"{Command}; in a unit of systemd with DynamicUser: {settings}";
        }
    }

    private static SourceRight OfGroup(LocalGroup group) => new($"group {group.Name}", $"net localgroup \"{group.Name}\" ACCOUNT /add");
}
