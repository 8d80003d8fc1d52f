namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template DiskDirection { get; } = Of(
        ["system.device", "disk.io.direction"],
        Counter("system.disk.io", "By"),
        Counter("system.disk.operations", "{operation}"),
        Counter("system.disk.operation_time", "s"));

    public static Template DiskMerged { get; } = Of(["system.device", "disk.io.direction"], Counter("system.disk.merged", "{operation}"));

    public static Template Disk { get; } = Of(["system.device"], Counter("system.disk.io_time", "s"));

    public static Template DiskPending { get; } = Of(["system.device"], Gauge("system.disk.pending_operations", "{operation}"));

    public static Template DiskWeightedTime { get; } = Of(["system.device"], Counter("system.disk.weighted_io_time", "s"));

    public static Template DiskDiscard { get; } = Of(
        ["system.device"],
        Counter("system.disk.linux.discard.io", "By"),
        Counter("system.disk.linux.discard.operations", "{operation}"),
        Counter("system.disk.linux.discard.operation_time", "s"),
        Counter("system.disk.linux.discard.merged", "{operation}"));

    public static Template DiskFlush { get; } = Of(
        ["system.device"],
        Counter("system.disk.linux.flush.operations", "{operation}"),
        Counter("system.disk.linux.flush.operation_time", "s"));

    public static Template RaidDisks { get; } = Of(["system.device", "system.disk.linux.raid.state"], Gauge("system.disk.linux.raid.disks", "{disk}"));

    public static Template RaidActive { get; } = Of(["system.device"], Gauge("system.disk.linux.raid.active", "{flag}"));

    // Without the mode, so that the series goes on when a file system turns read-only.
    public static Template FilesystemReadOnly { get; } =
        Of(["system.device", "system.filesystem.mountpoint", "system.filesystem.type"], Gauge("system.filesystem.linux.read_only", "{flag}"));

    public static Template FilesystemInodes { get; } = Of(
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.mode", "system.filesystem.state"],
        Gauge("system.filesystem.inodes.usage", "{inode}"));

    public static Template FilesystemUsage { get; } = Of(
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.mode", "system.filesystem.state"],
        Gauge("system.filesystem.usage", "By"));

    public static Template Filesystem { get; } = Of(
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.mode"],
        Gauge("system.filesystem.limit", "By"),
        Gauge("system.filesystem.utilization", "1"));

    public static Template ZfsCache { get; } = Of(
        [],
        Gauge("system.filesystem.linux.zfs.arc.size", "By"),
        Gauge("system.filesystem.linux.zfs.arc.target", "By"),
        Gauge("system.filesystem.linux.zfs.arc.limit", "By"));

    public static Template ZfsCacheUse { get; } = Of(
        [],
        Counter("system.filesystem.linux.zfs.arc.hits", "{request}"),
        Counter("system.filesystem.linux.zfs.arc.misses", "{request}"),
        Counter("system.filesystem.linux.zfs.arc.evictions", "{buffer}"));
}
