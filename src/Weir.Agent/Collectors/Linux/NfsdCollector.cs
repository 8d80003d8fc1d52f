namespace Weir.Agent.Collectors.Linux;

/// <summary>What the NFS server of this host was asked: calls, bytes, its reply cache, threads, and requests by version and method, from /proc/net/rpc/nfsd.</summary>
/// <remarks>The kernel counts calls in 32 bit. Not here where the module was never loaded.</remarks>
internal sealed class NfsdCollector(LinuxRoots roots)
    : FieldCollector("nfsd", [new FieldFile(Path.Combine(roots.Proc, "net", "rpc", "nfsd"), FieldForm.Lists)], Rows)
{
    private static readonly FieldRow[] Rows =
    [
        new(Templates.NfsServerCache, ["hit"], Key("rc.0")),
        new(Templates.NfsServerCache, ["miss"], Key("rc.1")),
        new(Templates.NfsServerCache, ["nocache"], Key("rc.2")),
        new(Templates.NfsServerStale, [], Key("fh.0")),
        new(Templates.NfsServerIo, ["read"], Key("io.0")),
        new(Templates.NfsServerIo, ["write"], Key("io.1")),
        new(Templates.NfsServerThreads, [], Key("th.0")),
        new(Templates.NfsServerNet, ["udp"], Key("net.1")),
        new(Templates.NfsServerNet, ["tcp"], Key("net.2")),
        new(Templates.NfsServerConnections, [], Key("net.3")),
        new(Templates.NfsServerRpc, [""], Key("rpc.0")),
        new(Templates.NfsServerRpc, ["format"], Key("rpc.2")),
        new(Templates.NfsServerRpc, ["auth"], Key("rpc.3")),
        new(Templates.NfsServerRpc, ["client"], Key("rpc.4")),
        .. NfsMethods.RowsOf(Templates.NfsServerProcedures, "2", "proc2", NfsMethods.Version2),
        .. NfsMethods.RowsOf(Templates.NfsServerProcedures, "3", "proc3", NfsMethods.Version3),
        .. NfsMethods.RowsOf(Templates.NfsServerProcedures, "4", "proc4", NfsMethods.ServerVersion4),
        .. NfsMethods.RowsOf(Templates.NfsServerOperations, "4", "proc4ops", NfsMethods.ServerOperations),
    ];

    private static FieldKey Key(string name) => new(0, name);
}
