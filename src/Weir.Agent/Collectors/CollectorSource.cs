namespace Weir.Agent.Collectors;

/// <summary>A way to measure what a collector measures: an API or a set of files, with what it needs.</summary>
/// <param name="Name">The API or file: <c>/proc/stat</c>, <c>GetIfTable2</c>.</param>
/// <param name="Templates">What it can give, in the order of its series; it may give less where the system has less.</param>
/// <param name="Create">Makes the reader. May throw what <see cref="ICollector.Collect"/> may: the source then counts as failed.</param>
internal sealed record CollectorSource(string Name, IReadOnlyList<Template> Templates, Func<CollectorContext, ICollector> Create)
{
    /// <summary>The right that it needs beyond an ordinary user's; null: none.</summary>
    public SourceRight? Needs { get; init; }

    /// <summary>The first Windows build that has it: 17763 is Server 2019; 0: all.</summary>
    public int MinBuild { get; init; }

    /// <summary>Whether hosts may lack it: a missing file or directory is then no error, and the collector has no series.</summary>
    public bool MayBeAbsent { get; init; }

    /// <summary>Whether this system is new enough.</summary>
    public bool IsHere => MinBuild == 0 || !OperatingSystem.IsWindows() || Environment.OSVersion.Version.Build >= MinBuild;
}
