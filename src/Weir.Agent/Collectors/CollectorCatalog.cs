using Weir.Agent.Collectors.Linux;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Collectors.Windows.Disks;
using Weir.Agent.Collectors.Windows.Pdh;

namespace Weir.Agent.Collectors;

/// <summary>All collectors, in the order of their series.</summary>
internal static class CollectorCatalog
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(15);

    /// <summary>The collectors.</summary>
    public static IReadOnlyList<CollectorInfo> All { get; } =
    [
        new("cpu", LaneKind.High)
        {
            Linux = [new("/proc/stat", [Templates.CpuTime, Templates.CpuUtilization, Templates.CpuCount], static context => new CpuCollector(context.Roots))],
            Windows = [new("NtQuerySystemInformation", [Templates.CpuTime, Templates.CpuUtilization, Templates.CpuCount], static _ => new WindowsCpuCollector())],
        },
        new("memory", LaneKind.High)
        {
            Linux = [new("/proc/meminfo", [Templates.MemoryUsage, Templates.Memory, Templates.MemoryAvailable, Templates.MemorySlab], static context => new MemoryCollector(context.Roots))],
            Windows = [new("GlobalMemoryStatusEx", [Templates.MemoryUsage, Templates.Memory], static _ => new WindowsMemoryCollector())],
        },
        new("paging", LaneKind.High)
        {
            Linux = [new("/proc/meminfo, /proc/vmstat", [Templates.PagingUsage, Templates.PagingFaults, Templates.PagingOperations], static context => new PagingCollector(context.Roots))],
        },
        new("disk", LaneKind.High)
        {
            Linux = [new("/proc/diskstats", [Templates.DiskDirection, Templates.DiskMerged, Templates.Disk, Templates.DiskPending, Templates.DiskWeightedTime, Templates.DiskDiscard, Templates.DiskFlush], static context => new DiskCollector(context))],
            Windows =
            [
                new("PDH PhysicalDisk", [Templates.DiskDirection, Templates.Disk, Templates.DiskPending], static context => new PdhCollector("disk", DiskObjects.Disks, context.Config.Names, PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers },
                new("IOCTL_DISK_PERFORMANCE", [Templates.DiskDirection, Templates.Disk, Templates.DiskPending], static context => new IoctlDiskCollector(context)),
            ],
        },
        new("network", LaneKind.High)
        {
            Linux = [new("/proc/net/dev", [Templates.Network, Templates.NetworkPackets, Templates.NetworkErrorKinds], static context => new NetworkCollector(context))],
        },
        new("load", LaneKind.High)
        {
            Linux = [new("/proc/loadavg", [Templates.Load], static context => new LoadCollector(context.Roots))],
        },
        new("uptime", LaneKind.High)
        {
            Linux = [new("/proc/uptime", [Templates.Uptime], static context => new UptimeCollector(context.Roots))],
        },
        new("filesystem", LaneKind.Normal, Slow)
        {
            Linux = [new("statvfs", [Templates.FilesystemUsage, Templates.Filesystem, Templates.FilesystemInodes, Templates.FilesystemReadOnly], static context => new FilesystemCollector(context))],
        },
        new("processes", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/PID/stat", [Templates.ProcessCount, Templates.ProcessCreated], static context => new ProcessCollector(context.Roots))],
        },
        new("system", LaneKind.High)
        {
            Linux = [new("/proc/stat, /proc/loadavg", [Templates.ContextSwitches, Templates.Interrupts, Templates.SoftInterrupts, Templates.ThreadStates, Templates.BootTime, Templates.ThreadCount], static context => new SystemCollector(context.Roots))],
        },
        new("connections", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/net/{snmp,snmp6,sockstat,sockstat6}", [Templates.ConnectionCount, Templates.TcpSegments, Templates.TcpRetransmits, Templates.UdpDatagrams, Templates.SocketCount, Templates.SocketUse, Templates.TcpSockets, Templates.SocketMemory], static context => new ConnectionCollector(context.Roots))],
        },
        new("pressure", LaneKind.High)
        {
            Linux = [new("/proc/pressure", [Templates.PressureTime, Templates.PressureRatio], static context => new PressureCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("memory_detail", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/meminfo", [Templates.MemoryShared, Templates.MemoryKind, Templates.HugePages, Templates.HugePageCounts, Templates.HugePageSize, Templates.MemoryCommit], static context => new MemoryDetailCollector(context.Roots))],
        },
        new("vmstat", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/vmstat", [Templates.OutOfMemoryKills, Templates.PageReclaim, Templates.PageRefaults, Templates.AllocationStalls, Templates.Compaction, Templates.HugePageFaults], static context => new VmStatCollector(context.Roots))],
        },
        new("netstat", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/net/{snmp,snmp6,netstat,softnet_stat}", [Templates.TcpOpens, Templates.TcpErrors, Templates.TcpSynCookies, Templates.UdpErrors, Templates.IpOctets, Templates.IcmpMessages, Templates.Backlog], static context => new NetstatCollector(context.Roots))],
        },
        new("network_link", LaneKind.Normal, Slow)
        {
            Linux = [new("/sys/class/net", [Templates.NetworkLink], static context => new NetworkLinkCollector(context)) { MayBeAbsent = true }],
        },
        new("file_descriptors", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/sys/fs/file-nr", [Templates.FileDescriptors], static context => new FileDescriptorCollector(context.Roots))],
        },
        new("entropy", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/sys/kernel/random", [Templates.Entropy], static context => new EntropyCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("conntrack", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/sys/net/netfilter, /proc/net/stat/nf_conntrack", [Templates.Conntrack, Templates.ConntrackEvents], static context => new ConntrackCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("time_sync", LaneKind.Normal, Slow)
        {
            Linux = [new("adjtimex", [Templates.TimeSync], static _ => new TimeSyncCollector())],
        },
        new("sensors", LaneKind.Normal, Slow)
        {
            Linux = [new("/sys/class/hwmon, /sys/class/thermal", [Templates.HardwareTemperature, Templates.HardwareFanSpeed], static context => new SensorCollector(context)) { MayBeAbsent = true }],
        },
        new("cpu_frequency", LaneKind.Normal, Slow)
        {
            Linux = [new("/sys/devices/system/cpu/*/cpufreq", [Templates.CpuFrequency], static context => new CpuFrequencyCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("raid", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/mdstat", [Templates.RaidDisks, Templates.RaidActive], static context => new RaidCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("bonding", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/net/bonding", [Templates.BondingLinks], static context => new BondingCollector(context)) { MayBeAbsent = true }],
        },
        new("cpu_schedule", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/schedstat", [Templates.CpuSchedule], static context => new CpuScheduleCollector(context.Roots)) { MayBeAbsent = true }],
        },
    ];

    /// <summary>All collectors under a configuration: those that the agent knows, then those that the configuration makes, in series order.</summary>
    public static IEnumerable<CollectorInfo> Under(Configuration.AgentConfig config) => [.. All, .. ConfiguredCollectors.Of(config)];

    /// <summary>The collectors that run here, as configured, in series order.</summary>
    /// <param name="config">What the agent is to do.</param>
    /// <param name="roots">Where the kernel's files are.</param>
    /// <param name="time">The collectors' clock.</param>
    /// <param name="logger">Where they say which source they fall back to.</param>
    public static IReadOnlyList<PlannedCollector> Plan(Configuration.AgentConfig config, LinuxRoots roots, TimeProvider time, ILogger logger)
    {
        var planned = new List<PlannedCollector>();
        foreach (CollectorInfo info in Under(config))
        {
            if (!info.IsEnabled(config)) continue;
            var context = new CollectorContext(roots, time, config.ConfigOf(info.Name)) { Logger = logger };
            if (info.TryCreate(context, logger) is { } collector) planned.Add(new PlannedCollector(info.Lane, info.IntervalIn(config), info.IsAlone, collector));
        }

        return planned;
    }
}
