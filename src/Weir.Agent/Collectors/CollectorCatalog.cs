using Weir.Agent.Collectors.Linux;
using Weir.Agent.Collectors.Windows;

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
            Linux = [Templates.CpuTime, Templates.CpuUtilization, Templates.CpuCount],
            OnLinux = static roots => new CpuCollector(roots),
            Windows = [Templates.CpuTime, Templates.CpuUtilization, Templates.CpuCount],
            OnWindows = static () => new WindowsCpuCollector(),
        },
        new("memory", LaneKind.High)
        {
            Linux = [Templates.MemoryUsage, Templates.Memory, Templates.MemoryAvailable, Templates.MemorySlab],
            OnLinux = static roots => new MemoryCollector(roots),
            Windows = [Templates.MemoryUsage, Templates.Memory],
            OnWindows = static () => new WindowsMemoryCollector(),
        },
        new("paging", LaneKind.High)
        {
            Linux = [Templates.PagingUsage, Templates.PagingFaults, Templates.PagingOperations],
            OnLinux = static roots => new PagingCollector(roots),
        },
        new("disk", LaneKind.High)
        {
            Linux = [Templates.DiskDirection, Templates.Disk],
            OnLinux = static roots => new DiskCollector(roots),
        },
        new("network", LaneKind.High)
        {
            Linux = [Templates.Network, Templates.NetworkPackets],
            OnLinux = static roots => new NetworkCollector(roots),
        },
        new("load", LaneKind.High)
        {
            Linux = [Templates.Load],
            OnLinux = static roots => new LoadCollector(roots),
        },
        new("uptime", LaneKind.High)
        {
            Linux = [Templates.Uptime],
            OnLinux = static roots => new UptimeCollector(roots),
        },
        new("filesystem", LaneKind.Normal, Slow)
        {
            Linux = [Templates.FilesystemUsage, Templates.Filesystem],
            OnLinux = static roots => new FilesystemCollector(roots),
        },
        new("processes", LaneKind.Normal, Slow)
        {
            Linux = [Templates.ProcessCount, Templates.ProcessCreated],
            OnLinux = static roots => new ProcessCollector(roots),
        },
    ];
}
