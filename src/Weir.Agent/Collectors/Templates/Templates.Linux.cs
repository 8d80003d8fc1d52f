namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template PressureTime { get; } =
        Of(["system.linux.pressure.resource", "system.linux.pressure.stall"], Counter("system.linux.pressure.stall.time", "s"));

    public static Template PressureRatio { get; } =
        Of(["system.linux.pressure.resource", "system.linux.pressure.stall", "system.linux.pressure.window"], Gauge("system.linux.pressure.stall.ratio", "1"));

    public static Template FileDescriptors { get; } =
        Of([], Gauge("system.linux.file_descriptor.count", "{file}"), Gauge("system.linux.file_descriptor.limit", "{file}"));

    public static Template Entropy { get; } = Of([], Gauge("system.linux.entropy.available", "bit"), Gauge("system.linux.entropy.pool_size", "bit"));

    public static Template TimeSync { get; } = Of(
        [],
        Gauge("system.linux.time.synchronized", "{flag}"),
        Gauge("system.linux.time.offset", "s"),
        Gauge("system.linux.time.max_error", "s"),
        Gauge("system.linux.time.estimated_error", "s"),
        Gauge("system.linux.time.frequency_offset", "1"));

    public static Template Conntrack { get; } =
        Of([], Gauge("system.network.linux.conntrack.entries", "{connection}"), Gauge("system.network.linux.conntrack.limit", "{connection}"));

    public static Template ConntrackEvents { get; } =
        Of(["system.network.linux.conntrack.event"], Counter("system.network.linux.conntrack.events", "{event}"));
}
