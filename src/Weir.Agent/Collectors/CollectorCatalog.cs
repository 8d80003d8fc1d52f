using Weir.Agent.Collectors.Linux;
using Weir.Agent.Collectors.Linux.Cgroups;
using Weir.Agent.Collectors.Linux.Processes;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Collectors.Windows.Disks;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Agent.Collectors.Windows.Processes;

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
            Linux = [new("/proc/diskstats", [Templates.DiskDirection, Templates.DiskMerged, Templates.Disk], static context => new DiskCollector(context))],
            Windows =
            [
                new("PDH PhysicalDisk", [Templates.DiskDirection, Templates.Disk, Templates.DiskPending], static context => new PdhCollector("disk", DiskObjects.Disks, context.Config.Names, PdhSession.Shared)) { Needs = SourceRight.PerformanceMonitorUsers },
                new("IOCTL_DISK_PERFORMANCE", [Templates.DiskDirection, Templates.Disk, Templates.DiskPending], static context => new IoctlDiskCollector(context)),
            ],
        },
        new("network", LaneKind.High)
        {
            Linux = [new("/proc/net/dev", [Templates.Network, Templates.NetworkPackets], static context => new NetworkCollector(context))],
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
            Linux = [new("statvfs", [Templates.FilesystemUsage, Templates.Filesystem], static context => new FilesystemCollector(context))],
        },
        new("processes", LaneKind.Normal, Slow)
        {
            Linux = [new("/proc/PID/stat", [Templates.ProcessCount, Templates.ProcessCreated], static context => new ProcessStateCollector(context))],
        },
        new("process", LaneKind.Normal, Slow)
        {
            IsAlone = true,
            HasTop = true,
            Linux = [new("/proc/PID/stat, /proc/PID/io", [Templates.Process, Templates.ProcessCpuTime, Templates.ProcessDiskIo, Templates.ProcessPagingFaults, Templates.ProcessUntracked], static context => new LinuxProcessCollector(context))],
            Windows = [new("NtQuerySystemInformation", [Templates.Process, Templates.ProcessCpuTime, Templates.ProcessDiskIo, Templates.ProcessPagingFaults, Templates.ProcessUntracked, Templates.ProcessHandles], static context => new WindowsProcessCollector(context))],
        },
        new("cgroup", LaneKind.Normal, Slow)
        {
            IsAlone = true,
            Linux =
            [
                new(
                    "/sys/fs/cgroup",
                    [
                        Templates.ContainerCpu, Templates.GroupCpu, Templates.GroupThrottling, Templates.ContainerMemory, Templates.GroupMemory, Templates.GroupMemoryLimit,
                        Templates.ContainerIo, Templates.GroupIo, Templates.GroupOperations, Templates.GroupProcesses, Templates.GroupPressure,
                    ],
                    static context => new CgroupCollector(context)),
            ],
        },
        new("systemd", LaneKind.Normal, TimeSpan.FromMinutes(1))
        {
            IsAlone = true,
            IsDefault = false,
            Linux = [new("systemctl show", [Templates.UnitCount, Templates.UnitState, Templates.UnitRestarts], static context => new SystemdCollector(context))],
        },
        new("journal", LaneKind.Normal, Slow)
        {
            IsAlone = true,
            IsDefault = false,
            Linux = [new("journalctl --follow", [Templates.JournalRecords], static context => new JournalCollector(context)) { Needs = SourceRight.SystemdJournal }],
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
    public static IReadOnlyList<PlannedCollector> Plan(Configuration.AgentConfig config, LinuxRoots roots, TimeProvider time, ILogger logger, CollectorShared? shared = null)
    {
        var planned = new List<PlannedCollector>();
        shared ??= new CollectorShared(roots, time);
        foreach (CollectorInfo info in Under(config))
        {
            if (!info.IsEnabled(config)) continue;
            var context = new CollectorContext(roots, time, config.ConfigOf(info.Name)) { Logger = logger, Shared = shared };
            if (info.TryCreate(context, logger) is { } collector) planned.Add(new PlannedCollector(info.Lane, info.IntervalIn(config), info.IsAlone, collector));
        }

        return planned;
    }
}
