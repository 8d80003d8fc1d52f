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

    public static Template FilesystemUsage { get; } = Of(
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.mode", "system.filesystem.state"],
        Gauge("system.filesystem.usage", "By"));

    public static Template Filesystem { get; } = Of(
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.mode"],
        Gauge("system.filesystem.limit", "By"),
        Gauge("system.filesystem.utilization", "1"));
}
