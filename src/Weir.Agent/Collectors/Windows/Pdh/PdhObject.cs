namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>A performance object and what is shipped of it.</summary>
/// <param name="Name">Its English name.</param>
/// <param name="Series">What is shipped.</param>
internal sealed record PdhObject(string Name, IReadOnlyList<PdhSeries> Series)
{
    /// <summary>Most instances where nothing else is said.</summary>
    public const int DefaultMaxInstances = 1000;

    /// <summary>Whether it has instances, each of them a row. Otherwise it is one row without a name.</summary>
    public bool HasInstances { get; init; } = true;

    /// <summary>What an instance is called in its series.</summary>
    public Func<string, string> NameOf { get; init; } = static instance => instance;

    /// <summary>Most instances that are reported: the first by name. How many are not is a series then.</summary>
    public int MaxInstances { get; init; } = DefaultMaxInstances;

    /// <summary>Whether a counter whose type is not of its metric's kind is an error: somebody chose the kind. Otherwise it is as one that is not there.</summary>
    public bool IsStrict { get; init; }
}
