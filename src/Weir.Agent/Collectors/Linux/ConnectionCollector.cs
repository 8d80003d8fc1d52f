namespace Weir.Agent.Collectors.Linux;

/// <summary>TCP connections, segments and datagrams, from the kernel's own sums in /proc/net/{snmp,snmp6,sockstat,sockstat6}.</summary>
/// <remarks>
/// Connections are those of IPv4 and IPv6 in the agent's network namespace. The kernel sums up two states only: <c>established</c> (which includes close_wait) and
/// <c>time_wait</c>. The others stand in /proc/net/tcp alone, whose reading walks every connection of the host under locks: milliseconds for some thousand of
/// them. What is open, orphaned or allocated is told beside.
/// </remarks>
internal sealed class ConnectionCollector(LinuxRoots roots)
    : FieldCollector(
        "connections",
        [
            new FieldFile(Path.Combine(roots.Proc, "net", "snmp"), FieldForm.Pairs),
            new FieldFile(Path.Combine(roots.Proc, "net", "snmp6"), FieldForm.Words, isRequired: false),
            new FieldFile(Path.Combine(roots.Proc, "net", "sockstat"), FieldForm.Groups, isRequired: false),
            new FieldFile(Path.Combine(roots.Proc, "net", "sockstat6"), FieldForm.Groups, isRequired: false),
        ],
        Rows)
{
    private static readonly FieldRow[] Rows =
    [
        new(Templates.ConnectionCount, ["tcp", "established"], Snmp("Tcp.CurrEstab")),
        new(Templates.ConnectionCount, ["tcp", "time_wait"], Sockstat("TCP.tw")),
        new(Templates.TcpSegments, ["receive"], Snmp("Tcp.InSegs")),
        new(Templates.TcpSegments, ["transmit"], Snmp("Tcp.OutSegs")),
        new(Templates.TcpRetransmits, [], Snmp("Tcp.RetransSegs"), Snmp("Tcp.OutRsts")),
        new(Templates.UdpDatagrams, ["receive"], new FieldKey(0, "Udp.InDatagrams", Snmp6("Udp6InDatagrams"))),
        new(Templates.UdpDatagrams, ["transmit"], new FieldKey(0, "Udp.OutDatagrams", Snmp6("Udp6OutDatagrams"))),
        new(Templates.SocketCount, [], Sockstat("sockets.used")),
        new(Templates.SocketUse, ["ipv4", "tcp"], Sockstat("TCP.inuse")),
        new(Templates.SocketUse, ["ipv4", "udp"], Sockstat("UDP.inuse")),
        new(Templates.SocketUse, ["ipv6", "tcp"], Sockstat6("TCP6.inuse")),
        new(Templates.SocketUse, ["ipv6", "udp"], Sockstat6("UDP6.inuse")),
        new(Templates.TcpSockets, [], Sockstat("TCP.orphan"), Sockstat("TCP.alloc")),
        new(Templates.SocketMemory, ["tcp"], Sockstat("TCP.mem")) { Scale = Environment.SystemPageSize },
        new(Templates.SocketMemory, ["udp"], Sockstat("UDP.mem")) { Scale = Environment.SystemPageSize },
    ];

    private static FieldKey Snmp(string name) => new(0, name);

    private static FieldKey Snmp6(string name) => new(1, name);

    private static FieldKey Sockstat(string name) => new(2, name);

    private static FieldKey Sockstat6(string name) => new(3, name);
}
