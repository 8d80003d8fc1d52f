namespace Weir.Agent.Collectors;

/// <summary>A way to measure what a collector measures: an API or a set of files, with what it needs.</summary>
/// <param name="Name">The API or file: <c>/proc/stat</c>, <c>GetIfTable2</c>.</param>
/// <param name="Templates">What it can give, in the order of its series; it may give less where the system has less.</param>
/// <param name="Create">Makes the reader. May throw what <see cref="ICollector.Collect"/> may: the source then counts as failed.</param>
internal sealed record CollectorSource(string Name, IReadOnlyList<Template> Templates, Func<CollectorContext, ICollector> Create)
{
    /// <summary>The oldest build of Windows that any source is for.</summary>
    public const int OldestBuild = 14393;

    /// <summary>The right that it needs beyond an ordinary user's; null: none.</summary>
    public SourceRight? Needs { get; init; }

    /// <summary>The right that a part of what it gives needs; null: none.</summary>
    public PartialRight? PartlyNeeds { get; init; }

    /// <summary>The first Windows build that has it. Default: the first that .NET 10 supports, Server 2016 and Windows 10 1607.</summary>
    public int MinBuild { get; init; } = OldestBuild;

    /// <summary>Whether hosts may lack it: a missing file or directory is then no error, and the collector has no series.</summary>
    public bool MayBeAbsent { get; init; }

    /// <summary>Whether this system is new enough.</summary>
    public bool IsHere => !OperatingSystem.IsWindows() || IsOn(Environment.OSVersion.Version.Build);

    /// <summary>Whether a build of Windows is new enough.</summary>
    public bool IsOn(int build) => build >= MinBuild;
}
