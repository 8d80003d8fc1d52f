namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    private const string UnitName = "system.linux.systemd.unit.name";

    // 0 inactive, 1 active, 2 reloading or refreshing, 3 activating, 4 deactivating, 5 failed, 6 anything else. One series for a unit, whatever becomes of it.
    public static Template UnitState { get; } = Of([UnitName], Gauge("system.linux.systemd.unit.state", "{state}"));

    public static Template UnitRestarts { get; } = Of([UnitName], Counter("system.linux.systemd.unit.restarts", "{restart}"));

    public static Template UnitCount { get; } = Of(["system.linux.systemd.unit.state"], Gauge("system.linux.systemd.unit.count", "{unit}"));

    public static Template JournalRecords { get; } = Of([UnitName, "system.linux.journal.priority"], Counter("system.linux.journal.records", "{record}"));
}
