namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template Network { get; } = Of(
        ["network.interface.name", "network.io.direction"],
        Counter("system.network.io", "By"),
        Counter("system.network.packet.dropped", "{packet}"),
        Counter("system.network.errors", "{error}"));

    public static Template ConnectionCount { get; } =
        Of(["network.transport", "network.connection.state"], Gauge("system.network.connection.count", "{connection}"));

    public static Template TcpSegments { get; } = Of(["network.io.direction"], Counter("system.network.tcp.segments", "{segment}"));

    public static Template TcpRetransmits { get; } =
        Of([], Counter("system.network.tcp.retransmits", "{segment}"), Counter("system.network.tcp.resets", "{reset}"));

    public static Template UdpDatagrams { get; } = Of(["network.io.direction"], Counter("system.network.udp.datagrams", "{datagram}"));

    // The conventions name the interface of this one metric system.device.
    public static Template NetworkPackets { get; } = Of(["system.device", "network.io.direction"], Counter("system.network.packet.count", "{packet}"));
}
