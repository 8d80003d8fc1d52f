namespace Weir.Bench.Footprint;

/// <summary>The groups of metrics that all sides have, under the names of each.</summary>
internal static class SharedGroups
{
    /// <summary>Collectors of weir-agent.</summary>
    public static readonly string[] Agent =
        ["cpu", "memory", "memory_detail", "paging", "vmstat", "disk", "network", "load", "uptime", "system", "filesystem", "processes", "connections", "netstat", "conntrack", "entropy"];

    /// <summary>Collectors of node_exporter: uptime is in stat.</summary>
    public static readonly string[] Exporter = ["cpu", "meminfo", "vmstat", "diskstats", "netdev", "loadavg", "stat", "filesystem", "processes", "sockstat", "netstat", "conntrack", "entropy"];

    /// <summary>Plugins of collectd.</summary>
    public static readonly string[] Collectd = ["cpu", "memory", "swap", "vmem", "disk", "interface", "load", "uptime", "df", "processes", "contextswitch", "entropy", "conntrack", "protocols"];
}
