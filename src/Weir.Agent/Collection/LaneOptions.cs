using System.Diagnostics;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Scraping;

namespace Weir.Agent.Collection;

/// <summary>The bounds of a lane.</summary>
internal sealed record LaneOptions
{
    /// <summary>The lane of cheap kernel reads: cpu, memory, disk, network.</summary>
    public static LaneOptions High { get; } = new() { Name = "high", MaxThreads = Math.Min(5, 2 * Environment.ProcessorCount), QueueLimit = 100, Deadline = TimeSpan.FromSeconds(30), Priority = ThreadPriority.AboveNormal };

    /// <summary>The lane of what may be slow or hang: file systems, processes.</summary>
    public static LaneOptions Normal { get; } = new() { Name = "normal", MaxThreads = Math.Min(8, 2 * Environment.ProcessorCount), QueueLimit = 200, Deadline = TimeSpan.FromSeconds(60) };

    /// <summary>The lane of scrapes, which wait more than they work: a thread for each target that there may be, so that none is late for those that do not answer.</summary>
    public static LaneOptions Scrape { get; } = new() { Name = "scrape", MaxThreads = ScrapeTarget.MaxTargets, QueueLimit = ScrapeTarget.MaxTargets, Deadline = 2 * ScrapeTarget.LongestDeadline };

    /// <summary>The bounds of a kind of lane.</summary>
    public static LaneOptions Of(LaneKind kind) => kind switch
    {
        LaneKind.High => High,
        LaneKind.Normal => Normal,
        LaneKind.Scrape => Scrape,
        _ => throw new UnreachableException($"lane {kind}"),
    };

    /// <summary>The name in logs and metrics.</summary>
    public required string Name { get; init; }

    /// <summary>Most threads that take work. Threads start when work waits and none is free. As many again may be abandoned to stuck collectors.</summary>
    public required int MaxThreads { get; init; }

    /// <summary>Most collectors waiting; beyond it a collector's tick is missed.</summary>
    public required int QueueLimit { get; init; }

    /// <summary>Priority of its threads where the system lets a process choose (Windows does); elsewhere the service's nice value counts. Above normal for cheap calls only: a tick is to be read on time while others keep the processors busy.</summary>
    public ThreadPriority Priority { get; init; } = ThreadPriority.Normal;

    /// <summary>How long a collector may run until it counts as stuck.</summary>
    public required TimeSpan Deadline { get; init; }
}
