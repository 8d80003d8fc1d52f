namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template NfsClientNet { get; } = Of(["network.transport"], Counter("nfs.client.net.count", "{record}"));

    public static Template NfsClientConnections { get; } = Of([], Counter("nfs.client.net.tcp.connection.accepted", "{connection}"));

    public static Template NfsClientRpc { get; } = Of(
        [],
        Counter("nfs.client.rpc.count", "{request}"),
        Counter("nfs.client.rpc.retransmit.count", "{retransmit}"),
        Counter("nfs.client.rpc.authrefresh.count", "{authrefresh}"));

    public static Template NfsClientProcedures { get; } = Of(["onc_rpc.version", "onc_rpc.procedure.name"], Counter("nfs.client.procedure.count", "{procedure}"));

    public static Template NfsClientOperations { get; } = Of(["onc_rpc.version", "nfs.operation.name"], Counter("nfs.client.operation.count", "{operation}"));

    public static Template NfsServerCache { get; } = Of(["nfs.server.repcache.status"], Counter("nfs.server.repcache.requests", "{request}"));

    public static Template NfsServerStale { get; } = Of([], Counter("nfs.server.fh.stale.count", "{fh}"));

    public static Template NfsServerIo { get; } = Of(["disk.io.direction"], Counter("nfs.server.io", "By"));

    public static Template NfsServerThreads { get; } = Of([], Gauge("nfs.server.thread.count", "{thread}"));

    public static Template NfsServerNet { get; } = Of(["network.transport"], Counter("nfs.server.net.count", "{record}"));

    public static Template NfsServerConnections { get; } = Of([], Counter("nfs.server.net.tcp.connection.accepted", "{connection}"));

    // Without error.type: calls that were taken.
    public static Template NfsServerRpc { get; } = Of(["error.type"], Counter("nfs.server.rpc.count", "{request}"));

    public static Template NfsServerProcedures { get; } = Of(["onc_rpc.version", "onc_rpc.procedure.name"], Counter("nfs.server.procedure.count", "{procedure}"));

    public static Template NfsServerOperations { get; } = Of(["onc_rpc.version", "nfs.operation.name"], Counter("nfs.server.operation.count", "{operation}"));
}
