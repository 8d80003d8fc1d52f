namespace Weir.Agent.Collectors;

/// <summary>A collector that the agent knows.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Lane">Where it runs.</param>
/// <param name="Interval">Its own default interval; null follows the agent's.</param>
internal sealed record CollectorInfo(string Name, LaneKind Lane, TimeSpan? Interval = null)
{
    /// <summary>What it measures on Linux; empty where it does not run there.</summary>
    public IReadOnlyList<Template> Linux { get; init; } = [];

    /// <summary>What it measures on Windows; empty where it does not run there.</summary>
    public IReadOnlyList<Template> Windows { get; init; } = [];

    /// <summary>Makes it for Linux.</summary>
    public Func<LinuxRoots, ICollector>? OnLinux { get; init; }

    /// <summary>Makes it for Windows.</summary>
    public Func<ICollector>? OnWindows { get; init; }

    /// <summary>Makes it for this system; null where it does not run here.</summary>
    public ICollector? TryCreate(LinuxRoots roots) => OperatingSystem.IsWindows() ? OnWindows?.Invoke() : OnLinux?.Invoke(roots);
}
