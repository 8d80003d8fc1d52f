namespace Weir.Agent.Collectors.Linux;

/// <summary>What this host asked of NFS servers: calls, retransmissions, and requests by version and method, from /proc/net/rpc/nfs.</summary>
/// <remarks>The kernel counts in 32 bit. Not here where the module was never loaded.</remarks>
internal sealed class NfsCollector(LinuxRoots roots)
    : FieldCollector("nfs", [new FieldFile(Path.Combine(roots.Proc, "net", "rpc", "nfs"), FieldForm.Lists)], Rows)
{
    private static readonly FieldRow[] Rows =
    [
        new(Templates.NfsClientNet, ["udp"], Key("net.1")),
        new(Templates.NfsClientNet, ["tcp"], Key("net.2")),
        new(Templates.NfsClientConnections, [], Key("net.3")),
        new(Templates.NfsClientRpc, [], Key("rpc.0"), Key("rpc.1"), Key("rpc.2")),
        .. NfsMethods.RowsOf(Templates.NfsClientProcedures, "2", "proc2", NfsMethods.Version2),
        .. NfsMethods.RowsOf(Templates.NfsClientProcedures, "3", "proc3", NfsMethods.Version3),
        .. NfsMethods.RowsOf(Templates.NfsClientOperations, "4", "proc4", NfsMethods.ClientVersion4),
    ];

    private static FieldKey Key(string name) => new(0, name);
}
