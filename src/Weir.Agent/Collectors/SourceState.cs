namespace Weir.Agent.Collectors;

/// <summary>Where a source of a collector stands.</summary>
internal enum SourceState
{
    /// <summary>Not needed so far: one before it works.</summary>
    Unused,

    /// <summary>It gives the values.</summary>
    Works,

    /// <summary>It failed, and is tried again later.</summary>
    Failed,

    /// <summary>This system is older than the source, or lacks what it reads.</summary>
    NotHere,
}
