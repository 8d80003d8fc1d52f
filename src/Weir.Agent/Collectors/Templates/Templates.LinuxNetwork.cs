namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template NetworkErrorKinds { get; } = Of(
        ["network.interface.name", "network.io.direction", "system.network.linux.error.kind"],
        Counter("system.network.linux.errors", "{error}"));

    public static Template NetworkLink { get; } = Of(
        ["network.interface.name"],
        Gauge("system.network.linux.interface.up", "{flag}"),
        Gauge("system.network.linux.interface.speed", "bit/s"),
        Gauge("system.network.linux.interface.mtu", "By"),
        Counter("system.network.linux.interface.carrier_changes", "{change}"));

    public static Template ArpEntries { get; } = Of(["network.interface.name"], Gauge("system.network.linux.arp.entries", "{entry}"));

    public static Template SocketCount { get; } = Of([], Gauge("system.network.linux.socket.count", "{socket}"));

    public static Template SocketUse { get; } = Of(["network.type", "network.transport"], Gauge("system.network.linux.socket.used", "{socket}"));

    public static Template TcpSockets { get; } =
        Of([], Gauge("system.network.linux.tcp.orphaned", "{socket}"), Gauge("system.network.linux.tcp.allocated", "{socket}"));

    public static Template SocketMemory { get; } = Of(["network.transport"], Gauge("system.network.linux.socket.memory", "By"));

    public static Template TcpOpens { get; } = Of(["system.network.linux.tcp.open.kind"], Counter("system.network.linux.tcp.opens", "{connection}"));

    public static Template TcpErrors { get; } = Of(["system.network.linux.error.kind"], Counter("system.network.linux.tcp.errors", "{error}"));

    public static Template TcpSynCookies { get; } = Of(["system.network.linux.tcp.syncookie.state"], Counter("system.network.linux.tcp.syncookies", "{packet}"));

    public static Template UdpErrors { get; } = Of(["system.network.linux.error.kind"], Counter("system.network.linux.udp.errors", "{error}"));

    public static Template IpOctets { get; } = Of(["network.type", "network.io.direction"], Counter("system.network.linux.ip.io", "By"));

    public static Template IcmpMessages { get; } = Of(["network.type", "network.io.direction"], Counter("system.network.linux.icmp.messages", "{message}"));

    // The backlog between network cards and the protocols.
    public static Template Backlog { get; } = Of(
        [],
        Counter("system.network.linux.backlog.processed", "{packet}"),
        Counter("system.network.linux.backlog.dropped", "{packet}"),
        Counter("system.network.linux.backlog.squeezed", "{occasion}"));

    public static Template BondingLinks { get; } =
        Of(["network.interface.name", "system.network.linux.bonding.state"], Gauge("system.network.linux.bonding.links", "{link}"));

    public static Template InfinibandIo { get; } = Of(["system.device", "system.network.linux.port", "network.io.direction"], Counter("system.network.linux.infiniband.io", "By"));

    public static Template InfinibandPackets { get; } = Of(["system.device", "system.network.linux.port", "network.io.direction"], Counter("system.network.linux.infiniband.packets", "{packet}"));

    public static Template InfinibandErrors { get; } = Of(["system.device", "system.network.linux.port", "system.network.linux.error.kind"], Counter("system.network.linux.infiniband.errors", "{error}"));

    public static Template InfinibandState { get; } = Of(["system.device", "system.network.linux.port"], Gauge("system.network.linux.infiniband.state", "{state}"));

    public static Template InfinibandRate { get; } = Of(["system.device", "system.network.linux.port"], Gauge("system.network.linux.infiniband.rate", "bit/s"));
}
