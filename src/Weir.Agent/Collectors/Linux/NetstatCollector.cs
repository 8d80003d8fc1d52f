namespace Weir.Agent.Collectors.Linux;

/// <summary>What goes wrong in TCP, UDP and the receive path, from /proc/net/{snmp,snmp6,netstat,softnet_stat}.</summary>
/// <remarks>TCP counts both address families together; UDP is the sum of the two.</remarks>
internal sealed class NetstatCollector(LinuxRoots roots)
    : FieldCollector(
        "netstat",
        [
            new FieldFile(Path.Combine(roots.Proc, "net", "snmp"), FieldForm.Pairs),
            new FieldFile(Path.Combine(roots.Proc, "net", "snmp6"), FieldForm.Words, isRequired: false),
            new FieldFile(Path.Combine(roots.Proc, "net", "netstat"), FieldForm.Pairs, isRequired: false),
            new FieldFile(Path.Combine(roots.Proc, "net", "softnet_stat"), FieldForm.HexRows, isRequired: false),
        ],
        Rows)
{
    private static readonly FieldRow[] Rows =
    [
        new(Templates.TcpOpens, ["active"], Snmp("Tcp.ActiveOpens")),
        new(Templates.TcpOpens, ["passive"], Snmp("Tcp.PassiveOpens")),
        new(Templates.TcpErrors, ["receive"], Snmp("Tcp.InErrs")),
        new(Templates.TcpErrors, ["attempt"], Snmp("Tcp.AttemptFails")),
        new(Templates.TcpErrors, ["reset"], Snmp("Tcp.EstabResets")),
        new(Templates.TcpErrors, ["listen_overflow"], Netstat("TcpExt.ListenOverflows")),
        new(Templates.TcpErrors, ["listen_drop"], Netstat("TcpExt.ListenDrops")),
        new(Templates.TcpErrors, ["timeout"], Netstat("TcpExt.TCPTimeouts")),
        new(Templates.TcpErrors, ["syn_retransmit"], Netstat("TcpExt.TCPSynRetrans")),
        new(Templates.TcpErrors, ["abort_on_memory"], Netstat("TcpExt.TCPAbortOnMemory")),
        new(Templates.TcpErrors, ["receive_queue_drop"], Netstat("TcpExt.TCPRcvQDrop")),
        new(Templates.TcpSynCookies, ["sent"], Netstat("TcpExt.SyncookiesSent")),
        new(Templates.TcpSynCookies, ["received"], Netstat("TcpExt.SyncookiesRecv")),
        new(Templates.TcpSynCookies, ["failed"], Netstat("TcpExt.SyncookiesFailed")),
        new(Templates.UdpErrors, ["receive"], new FieldKey(0, "Udp.InErrors", Snmp6("Udp6InErrors"))),
        new(Templates.UdpErrors, ["no_port"], new FieldKey(0, "Udp.NoPorts", Snmp6("Udp6NoPorts"))),
        new(Templates.UdpErrors, ["receive_buffer"], new FieldKey(0, "Udp.RcvbufErrors", Snmp6("Udp6RcvbufErrors"))),
        new(Templates.UdpErrors, ["send_buffer"], new FieldKey(0, "Udp.SndbufErrors", Snmp6("Udp6SndbufErrors"))),
        new(Templates.IpOctets, ["ipv4", "receive"], Netstat("IpExt.InOctets")),
        new(Templates.IpOctets, ["ipv4", "transmit"], Netstat("IpExt.OutOctets")),
        new(Templates.IpOctets, ["ipv6", "receive"], Snmp6("Ip6InOctets")),
        new(Templates.IpOctets, ["ipv6", "transmit"], Snmp6("Ip6OutOctets")),
        new(Templates.IcmpMessages, ["ipv4", "receive"], Snmp("Icmp.InMsgs")),
        new(Templates.IcmpMessages, ["ipv4", "transmit"], Snmp("Icmp.OutMsgs")),
        new(Templates.IcmpMessages, ["ipv6", "receive"], Snmp6("Icmp6InMsgs")),
        new(Templates.IcmpMessages, ["ipv6", "transmit"], Snmp6("Icmp6OutMsgs")),
        new(Templates.Backlog, [], Softnet("0"), Softnet("1"), Softnet("2")),
    ];

    private static FieldKey Snmp(string name) => new(0, name);

    private static FieldKey Snmp6(string name) => new(1, name);

    private static FieldKey Netstat(string name) => new(2, name);

    private static FieldKey Softnet(string name) => new(3, name);
}
