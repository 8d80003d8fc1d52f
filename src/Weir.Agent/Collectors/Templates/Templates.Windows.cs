namespace Weir.Agent.Collectors;

// What the conventions have no name for on Windows, from its native calls.
internal static partial class Templates
{
    public static Template WindowsCpu { get; } = Of(
        ["cpu.logical_number"],
        Counter("windows.cpu.dpc.time", "s"),
        Counter("windows.cpu.interrupts", "{interrupt}"));

    public static Template WindowsMemory { get; } = Of(
        [],
        Gauge("windows.memory.commit.usage", "By"),
        Gauge("windows.memory.commit.limit", "By"),
        Gauge("windows.memory.cache.usage", "By"));

    public static Template WindowsMemoryPool { get; } = Of(["windows.memory.pool"], Gauge("windows.memory.pool.usage", "By"));

    public static Template WindowsHandles { get; } = Of([], Gauge("windows.handle.count", "{handle}"));

    public static Template WindowsSystemCalls { get; } = Of([], Counter("windows.system_calls", "{call}"));

    public static Template WindowsServiceState { get; } = Of(["windows.service.name"], Gauge("windows.service.state", "{state}"));

    public static Template WindowsServiceStartType { get; } = Of(["windows.service.name"], Gauge("windows.service.start_type", "{type}"));

    public static Template WindowsServiceCount { get; } = Of(["windows.service.status"], Gauge("windows.service.count", "{service}"));
}
