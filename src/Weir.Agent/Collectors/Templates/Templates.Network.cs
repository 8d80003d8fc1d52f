namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template Network { get; } = Of(
        ["network.interface.name", "network.io.direction"],
        Counter("system.network.io", "By"),
        Counter("system.network.packet.dropped", "{packet}"),
        Counter("system.network.errors", "{error}"));

    // The conventions name the interface of this one metric system.device.
    public static Template NetworkPackets { get; } = Of(["system.device", "network.io.direction"], Counter("system.network.packet.count", "{packet}"));
}
