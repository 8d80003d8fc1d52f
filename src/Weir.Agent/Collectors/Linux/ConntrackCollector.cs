namespace Weir.Agent.Collectors.Linux;

/// <summary>Connections that the packet filter tracks, their limit, and what it could not track.</summary>
/// <remarks>Not here where nothing loaded the module. The counts of /proc/net/stat/nf_conntrack are summed over processors.</remarks>
internal sealed class ConntrackCollector(LinuxRoots roots)
    : FieldCollector(
        "conntrack",
        [
            new FieldFile(Path.Combine(roots.Proc, "sys", "net", "netfilter", "nf_conntrack_count"), FieldForm.Numbers),
            new FieldFile(Path.Combine(roots.Proc, "sys", "net", "netfilter", "nf_conntrack_max"), FieldForm.Numbers),
            new FieldFile(Path.Combine(roots.Proc, "net", "stat", "nf_conntrack"), FieldForm.HexTable, isRequired: false),
        ],
        Rows)
{
    private static readonly FieldRow[] Rows =
    [
        new(Templates.Conntrack, [], new FieldKey(0, "0"), new FieldKey(1, "0")),
        .. ((string[])["found", "invalid", "ignore", "insert", "insert_failed", "drop", "early_drop", "search_restart"])
            .Select(static name => new FieldRow(Templates.ConntrackEvents, [name], new FieldKey(2, name))),
    ];
}
