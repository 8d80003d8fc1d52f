namespace Weir.Agent.Collectors.Processes;

/// <summary>Which processes stand behind the executable names that have series.</summary>
/// <param name="Names">By name: at most <see cref="MaxPerName"/> of its processes, in no particular order.</param>
internal sealed record ProcessInventory(IReadOnlyDictionary<string, IReadOnlyList<ProcessIdentity>> Names)
{
    /// <summary>Most processes that are listed of a name.</summary>
    public const int MaxPerName = 16;

    /// <summary>No processes.</summary>
    public static ProcessInventory None { get; } = new(new Dictionary<string, IReadOnlyList<ProcessIdentity>>());
}
