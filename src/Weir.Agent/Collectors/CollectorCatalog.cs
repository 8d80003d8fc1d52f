using Weir.Agent.Collectors.Inventory;
using Weir.Agent.Collectors.Linux;
using Weir.Agent.Collectors.Linux.Cgroups;
using Weir.Agent.Collectors.Linux.Processes;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Collectors.Windows.Disks;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Agent.Collectors.Windows.EventLog;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Agent.Configuration;
using Weir.Agent.Collectors.Windows.Processes;

namespace Weir.Agent.Collectors;

/// <summary>All collectors, in the order of their series.</summary>
internal static class CollectorCatalog
{
    // Whether the system is asked for all processor groups, or knows one only, it tells the same.
    private static readonly Template[] WindowsCpu = [Templates.CpuTime, Templates.CpuUtilization, Templates.WindowsCpu, Templates.CpuCount];
    private static readonly Template[] WindowsSystem = [Templates.ContextSwitches, Templates.Interrupts, Templates.ThreadCount, Templates.ProcessCount, Templates.WindowsHandles, Templates.WindowsSystemCalls];

    private static readonly CollectorSource PdhCpu =
        new("PDH Processor Information", WindowsCpu, static _ => new PdhCpuCollector(PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers };

    /// <summary>The collectors.</summary>
    public static IReadOnlyList<CollectorInfo> All { get; } =
    [
        new("cpu", LaneKind.High)
        {
            Linux = [new("/proc/stat", [Templates.CpuTime, Templates.CpuUtilization, Templates.CpuCount], static context => new CpuCollector(context.Roots))],
            Windows =
            [
                new("NtQuerySystemInformationEx", WindowsCpu, static _ => new WindowsCpuCollector(byGroup: true)),
                new("NtQuerySystemInformation", WindowsCpu, static _ => new WindowsCpuCollector(byGroup: false)),
                PdhCpu,
            ],
        },
        new("memory", LaneKind.High)
        {
            Linux = [new("/proc/meminfo", [Templates.MemoryUsage, Templates.Memory, Templates.MemoryAvailable, Templates.MemorySlab], static context => new MemoryCollector(context.Roots))],
            Windows = [new("GlobalMemoryStatusEx, GetPerformanceInfo", [Templates.MemoryUsage, Templates.Memory, Templates.WindowsMemory, Templates.WindowsMemoryPool], static _ => new WindowsMemoryCollector())],
        },
        new("paging", LaneKind.High)
        {
            Linux = [new("/proc/meminfo, /proc/vmstat", [Templates.PagingUsage, Templates.PagingFaults, Templates.PagingOperations], static context => new PagingCollector(context.Roots))],
            Windows = [new("EnumPageFiles, NtQuerySystemInformation", [Templates.PagingUsage, Templates.PagingFaults, Templates.PagingOperations], static _ => new WindowsPagingCollector())],
        },
        new("disk", LaneKind.High)
        {
            HasNames = true,
            Linux = [new("/proc/diskstats", [Templates.DiskDirection, Templates.DiskMerged, Templates.Disk, Templates.DiskPending, Templates.DiskWeightedTime, Templates.DiskDiscard, Templates.DiskFlush], static context => new DiskCollector(context))],
            Windows =
            [
                new("PDH PhysicalDisk", [Templates.DiskDirection, Templates.Disk, Templates.DiskPending], static context => new PdhCollector("disk", DiskObjects.Disks, context.Config.Names, PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers },
                new("IOCTL_DISK_PERFORMANCE", [Templates.DiskDirection, Templates.Disk, Templates.DiskPending], static context => new IoctlDiskCollector(context)),
            ],
        },
        new("network", LaneKind.High)
        {
            HasNames = true,
            Linux = [new("/proc/net/dev", [Templates.Network, Templates.NetworkPackets, Templates.NetworkErrorKinds], static context => new NetworkCollector(context))],
            Windows = [new("GetIfTable2", [Templates.Network, Templates.NetworkPackets], static context => new WindowsNetworkCollector(context))],
        },
        new("load", LaneKind.High)
        {
            Linux = [new("/proc/loadavg", [Templates.Load], static context => new LoadCollector(context.Roots))],
        },
        new("uptime", LaneKind.High)
        {
            Linux = [new("/proc/uptime", [Templates.Uptime], static context => new UptimeCollector(context.Roots))],
            Windows = [new("GetTickCount64", [Templates.Uptime], static _ => new WindowsUptimeCollector())],
        },
        new("filesystem", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("statvfs", [Templates.FilesystemUsage, Templates.Filesystem, Templates.FilesystemInodes, Templates.FilesystemReadOnly], static context => new FilesystemCollector(context))],
            Windows = [new("FindFirstVolume, GetDiskFreeSpaceEx", [Templates.FilesystemUsage, Templates.Filesystem], static context => new WindowsFilesystemCollector(context))],
        },
        new("processes", LaneKind.Normal)
        {
            Linux = [new("/proc/PID/stat", [Templates.ProcessCount, Templates.ProcessCreated], static context => new ProcessStateCollector(context))],
        },
        new("process", LaneKind.Normal)
        {
            HasNames = true,
            IsAlone = true,
            HasTop = true,
            Linux = [new("/proc/PID/stat, /proc/PID/io", [Templates.Process, Templates.ProcessCpuTime, Templates.ProcessDiskIo, Templates.ProcessPagingFaults, Templates.ProcessUntracked], static context => new LinuxProcessCollector(context)) { PartlyNeeds = new(SourceRight.Ptrace, "the disk I/O of other accounts' processes") }],
            Windows = [new("NtQuerySystemInformation", [Templates.Process, Templates.ProcessCpuTime, Templates.ProcessDiskIo, Templates.ProcessPagingFaults, Templates.ProcessUntracked, Templates.ProcessHandles], static context => new WindowsProcessCollector(context))],
        },
        new("cgroup", LaneKind.Normal)
        {
            HasNames = true,
            IsAlone = true,
            Linux =
            [
                new(
                    "/sys/fs/cgroup",
                    [
                        Templates.ContainerCpu, Templates.GroupCpu, Templates.GroupThrottling, Templates.ContainerMemory, Templates.GroupMemory, Templates.GroupMemoryLimit,
                        Templates.ContainerIo, Templates.GroupIo, Templates.GroupOperations, Templates.GroupProcesses, Templates.GroupPressure,
                    ],
                    static context => new CgroupCollector(context)) { MayBeAbsent = true },
            ],
        },
        new("systemd", LaneKind.Normal, TimeSpan.FromMinutes(1))
        {
            HasNames = true,
            IsAlone = true,
            IsDefault = false,
            Linux = [new("systemctl show", [Templates.UnitCount, Templates.UnitState, Templates.UnitRestarts], static context => new SystemdCollector(context)) { MayBeAbsent = true }],
        },
        new("journal", LaneKind.Normal)
        {
            HasNames = true,
            IsAlone = true,
            IsDefault = false,
            Linux = [new("journalctl --follow", [Templates.JournalRecords], static context => new JournalCollector(context)) { Needs = SourceRight.SystemdJournal }],
        },
        new("system", LaneKind.High)
        {
            Linux = [new("/proc/stat, /proc/loadavg", [Templates.ContextSwitches, Templates.Interrupts, Templates.SoftInterrupts, Templates.ThreadStates, Templates.BootTime, Templates.ThreadCount], static context => new SystemCollector(context.Roots))],
            Windows =
            [
                new("NtQuerySystemInformationEx, GetPerformanceInfo", WindowsSystem, static _ => new WindowsSystemCollector(byGroup: true)),
                new("NtQuerySystemInformation, GetPerformanceInfo", WindowsSystem, static _ => new WindowsSystemCollector(byGroup: false)),
            ],
        },
        new("connections", LaneKind.Normal)
        {
            Linux = [new("/proc/net/{snmp,snmp6,sockstat,sockstat6}", [Templates.ConnectionCount, Templates.TcpSegments, Templates.TcpRetransmits, Templates.UdpDatagrams, Templates.SocketCount, Templates.SocketUse, Templates.TcpSockets, Templates.SocketMemory], static context => new ConnectionCollector(context.Roots))],
            Windows = [new("GetExtendedTcpTable, GetTcpStatisticsEx", [Templates.ConnectionCount, Templates.TcpSegments, Templates.TcpRetransmits, Templates.UdpDatagrams], static _ => new WindowsConnectionCollector())],
        },
        new("pressure", LaneKind.High)
        {
            Linux = [new("/proc/pressure", [Templates.PressureTime, Templates.PressureRatio], static context => new PressureCollector(context)) { MayBeAbsent = true }],
        },
        new("memory_detail", LaneKind.Normal)
        {
            Linux = [new("/proc/meminfo", [Templates.MemoryShared, Templates.MemoryKind, Templates.HugePages, Templates.HugePageCounts, Templates.HugePageSize, Templates.MemoryCommit], static context => new MemoryDetailCollector(context.Roots))],
        },
        new("vmstat", LaneKind.Normal)
        {
            Linux = [new("/proc/vmstat", [Templates.OutOfMemoryKills, Templates.PageReclaim, Templates.PageRefaults, Templates.AllocationStalls, Templates.Compaction, Templates.HugePageFaults], static context => new VmStatCollector(context.Roots))],
        },
        new("netstat", LaneKind.Normal)
        {
            Linux = [new("/proc/net/{snmp,snmp6,netstat,softnet_stat}", [Templates.TcpOpens, Templates.TcpErrors, Templates.TcpSynCookies, Templates.UdpErrors, Templates.IpOctets, Templates.IcmpMessages, Templates.Backlog], static context => new NetstatCollector(context.Roots))],
        },
        new("network_link", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("/sys/class/net", [Templates.NetworkLink], static context => new NetworkLinkCollector(context)) { MayBeAbsent = true }],
        },
        new("file_descriptors", LaneKind.Normal)
        {
            Linux = [new("/proc/sys/fs/file-nr", [Templates.FileDescriptors], static context => new FileDescriptorCollector(context.Roots))],
        },
        new("entropy", LaneKind.Normal)
        {
            Linux = [new("/proc/sys/kernel/random", [Templates.Entropy], static context => new EntropyCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("conntrack", LaneKind.Normal)
        {
            Linux = [new("/proc/sys/net/netfilter, /proc/net/stat/nf_conntrack", [Templates.Conntrack, Templates.ConntrackEvents], static context => new ConntrackCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("time_sync", LaneKind.Normal)
        {
            Linux = [new("adjtimex", [Templates.TimeSync], static _ => new TimeSyncCollector())],
        },
        new("sensors", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("/sys/class/hwmon, /sys/class/thermal", [Templates.HardwareTemperature, Templates.HardwareFanSpeed], static context => new SensorCollector(context)) { MayBeAbsent = true }],
            Windows = [new("PDH Thermal Zone Information", [Templates.HardwareTemperature], static context => new PdhCollector("sensors", PdhObjects.ThermalZones, context.Config.Names, PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers, MayBeAbsent = true }],
        },
        new("cpu_frequency", LaneKind.Normal)
        {
            Linux = [new("/sys/devices/system/cpu/*/cpufreq", [Templates.CpuFrequency], static context => new CpuFrequencyCollector(context)) { MayBeAbsent = true }],
            Windows =
            [
                new("CallNtPowerInformation", [Templates.CpuFrequency], static _ => new WindowsFrequencyCollector()),
                new("PDH Processor Information", [Templates.CpuFrequency], static _ => new PdhFrequencyCollector(PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers },
            ],
        },
        new("raid", LaneKind.Normal)
        {
            Linux = [new("/proc/mdstat", [Templates.RaidDisks, Templates.RaidActive], static context => new RaidCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("arp", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("/proc/net/arp", [Templates.ArpEntries], static context => new ArpCollector(context)) { MayBeAbsent = true }],
        },
        new("bonding", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("/proc/net/bonding", [Templates.BondingLinks], static context => new BondingCollector(context)) { MayBeAbsent = true }],
        },
        new("cpu_schedule", LaneKind.Normal)
        {
            Linux = [new("/proc/schedstat", [Templates.CpuSchedule], static context => new CpuScheduleCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("edac", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("/sys/devices/system/edac/mc", [Templates.HardwareErrors, Templates.MemoryRowErrors], static context => new EdacCollector(context)) { MayBeAbsent = true }],
        },
        new("infiniband", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("/sys/class/infiniband", [Templates.InfinibandIo, Templates.InfinibandPackets, Templates.InfinibandErrors, Templates.InfinibandState, Templates.InfinibandRate], static context => new InfinibandCollector(context)) { MayBeAbsent = true }],
        },
        new("nfs", LaneKind.Normal)
        {
            Linux = [new("/proc/net/rpc/nfs", [Templates.NfsClientNet, Templates.NfsClientConnections, Templates.NfsClientRpc, Templates.NfsClientProcedures, Templates.NfsClientOperations], static context => new NfsCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("nfsd", LaneKind.Normal)
        {
            Linux =
            [
                new(
                    "/proc/net/rpc/nfsd",
                    [
                        Templates.NfsServerCache, Templates.NfsServerStale, Templates.NfsServerIo, Templates.NfsServerThreads, Templates.NfsServerNet, Templates.NfsServerConnections, Templates.NfsServerRpc,
                        Templates.NfsServerProcedures, Templates.NfsServerOperations,
                    ],
                    static context => new NfsdCollector(context.Roots)) { MayBeAbsent = true },
            ],
        },
        new("zfs", LaneKind.Normal)
        {
            Linux = [new("/proc/spl/kstat/zfs/arcstats", [Templates.ZfsCache, Templates.ZfsCacheUse], static context => new ZfsCollector(context.Roots)) { MayBeAbsent = true }],
        },
        new("inventory", LaneKind.Normal, TimeSpan.FromMinutes(5))
        {
            IsAlone = true,
            LeastInterval = Configuration.WmiClassConfig.MinInterval,
            Linux = [new("os-release, cpuinfo, DMI, /sys/block", [Templates.HostOs, Templates.HostMachine, Templates.HostFirmware, Templates.HostCpu, Templates.CpuPhysicalCount, Templates.HostDisk, Templates.DiskLimit], static context => new InventoryCollector(new LinuxInventory(context.Roots).Read))],
            Windows = [new("WMI root\\cimv2", [Templates.HostOs, Templates.HostMachine, Templates.HostFirmware, Templates.HostCpu, Templates.CpuPhysicalCount, Templates.HostMemory, Templates.HostDisk, Templates.DiskLimit], static _ => WindowsInventory.Collector(WmiQueue.Shared))],
        },
        new("event_log", LaneKind.Normal)
        {
            HasNames = true,
            IsAlone = true,
            Windows = [new("EvtSubscribe", [Templates.EventLogSubscribed, Templates.EventLogRecords], static context => new EventLogCollector(() => EventChannels.Of(context.Config.Names, EventChannelList.Read), channel => new EventSubscription(channel, context.Time), context.Logger)) { PartlyNeeds = new(SourceRight.EventLogReaders, "the channel Security") }],
        },
        new("logical_disk", LaneKind.High)
        {
            HasNames = true,
            Windows =
            [
                new("PDH LogicalDisk", [Templates.WindowsVolumeDirection, Templates.WindowsVolume], static context => new PdhCollector("logical_disk", DiskObjects.Volumes, context.Config.Names, PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers },
            ],
        },
        new("cpu_queue", LaneKind.High)
        {
            Windows = [new("PDH System", [Templates.WindowsCpuQueue], static _ => new PdhCollector("cpu_queue", PdhObjects.CpuQueue, NamePatterns.None, PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers }],
        },
        new("services", LaneKind.Normal)
        {
            HasNames = true,
            IsAlone = true,
            Windows = [new("EnumServicesStatusEx", [Templates.WindowsServiceState, Templates.WindowsServiceStartType, Templates.WindowsServiceCount], static context => new WindowsServiceCollector(context))],
        },
        new("battery", LaneKind.Normal)
        {
            HasNames = true,
            Linux = [new("/sys/class/power_supply", [Templates.BatteryCharge, Templates.LinuxPower], static context => new BatteryCollector(context)) { MayBeAbsent = true }],
            Windows = [new("GetSystemPowerStatus", [Templates.BatteryCharge, Templates.BatteryTimeLeft, Templates.WindowsPower], static _ => new WindowsBatteryCollector())],
        },
    ];

    /// <summary>All collectors under a configuration: those that the agent knows, then those that the configuration makes, in series order.</summary>
    public static IEnumerable<CollectorInfo> Under(Configuration.AgentConfig config) => [.. All, .. ConfiguredCollectors.Of(config)];

    /// <summary>The collectors that run here, as configured, in series order.</summary>
    /// <param name="config">What the agent is to do.</param>
    /// <param name="roots">Where the kernel's files are.</param>
    /// <param name="time">The collectors' clock.</param>
    /// <param name="logger">Where they say which source they fall back to.</param>
    /// <param name="shared">What they share with those of other plans of the same agent; null: with nobody else.</param>
    /// <param name="only">The one that is wanted; null: all.</param>
    public static IReadOnlyList<PlannedCollector> Plan(Configuration.AgentConfig config, LinuxRoots roots, TimeProvider time, ILogger logger, CollectorShared? shared = null, string? only = null)
    {
        var planned = new List<PlannedCollector>();
        shared ??= new CollectorShared(roots, time);
        foreach (CollectorInfo info in Under(config))
        {
            if (!info.IsEnabled(config) || (only is not null && info.Name != only)) continue;
            var context = new CollectorContext(roots, time, config.ConfigOf(info.Name)) { Logger = logger, Shared = shared };
            if (info.TryCreate(context, logger) is { } collector) planned.Add(new PlannedCollector(info.Lane, info.IntervalIn(config), info.IsAlone, collector) { LeastInterval = info.LeastInterval });
        }

        return planned;
    }
}
