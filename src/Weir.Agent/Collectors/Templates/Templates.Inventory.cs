namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    // An unit in braces is left out of Prometheus names; "1" would make them ratios.
    private const string Info = "{info}";

    public static Template HostOs { get; } = Of(["os.name", "os.version", "os.build_id"], Gauge("weir.host.os", Info));

    public static Template HostMachine { get; } = Of(["hw.vendor", "hw.model"], Gauge("weir.host.machine", Info));

    public static Template HostFirmware { get; } = Of(["hw.vendor", "hw.firmware_version"], Gauge("weir.host.firmware", Info));

    public static Template HostCpu { get; } = Of(["hw.id", "host.cpu.vendor.id", "host.cpu.model.name"], Gauge("weir.host.cpu", Info));

    public static Template HostDisk { get; } = Of(["system.device", "hw.model"], Gauge("weir.host.disk", Info));

    public static Template HostMemory { get; } = Of([], Gauge("weir.host.memory.installed", "By"));

    public static Template CpuPhysicalCount { get; } = Of([], Gauge("system.cpu.physical.count", "{cpu}"));

    public static Template DiskLimit { get; } = Of(["system.device"], Gauge("system.disk.limit", "By"));
}
