using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors;

/// <summary>A collector that the agent knows.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Lane">Where it runs.</param>
/// <param name="Interval">Its own default interval; null follows its lane.</param>
internal sealed record CollectorInfo(string Name, LaneKind Lane, TimeSpan? Interval = null)
{
    /// <summary>Its sources on Linux in order of preference; empty where it does not run there.</summary>
    public IReadOnlyList<CollectorSource> Linux { get; init; } = [];

    /// <summary>Its sources on Windows in order of preference; empty where it does not run there.</summary>
    public IReadOnlyList<CollectorSource> Windows { get; init; } = [];

    /// <summary>Whether its series come and go, so that it has a schema of its own.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Whether the configuration may choose by name what it reports.</summary>
    public bool HasNames { get; init; }

    /// <summary>Whether it reports the top of many, of a number that the configuration may set.</summary>
    public bool HasTop { get; init; }

    /// <summary>Whether it runs where the configuration says nothing of it.</summary>
    public bool IsDefault { get; init; } = true;

    /// <summary>Whether the configuration made it, and with it said its interval: a slower agent does not slow it down.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>The shortest interval that it may be read at.</summary>
    public TimeSpan LeastInterval { get; init; } = AgentConfig.MinInterval;

    /// <summary>Its sources on this system.</summary>
    public IReadOnlyList<CollectorSource> Sources => OperatingSystem.IsWindows() ? Windows : Linux;

    /// <summary>Makes it for this system; null where it does not run here.</summary>
    public SourcedCollector? TryCreate(CollectorContext context, ILogger logger) =>
        Sources.Any(static source => source.IsHere) ? new SourcedCollector(Name, Sources, context, logger) : null;

    /// <summary>Whether a configuration has it run.</summary>
    public bool IsEnabled(AgentConfig config) => config.Collectors.TryGetValue(Name, out CollectorConfig? own) && own.Enabled is { } said ? said : IsDefault;

    /// <summary>The interval that it runs at: its own configured, its own default where that is slower than the lane, the lane's.</summary>
    public TimeSpan IntervalIn(AgentConfig config)
    {
        if (config.Collectors.TryGetValue(Name, out CollectorConfig? own) && own.Interval is { } configured) return configured;
        TimeSpan lane = config.IntervalOf(Lane);
        return Interval is { } slower && (IsConfigured || slower > lane) ? slower : lane;
    }
}
