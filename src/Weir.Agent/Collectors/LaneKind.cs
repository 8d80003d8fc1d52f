namespace Weir.Agent.Collectors;

/// <summary>Which lane a collector runs in.</summary>
internal enum LaneKind
{
    /// <summary>Cheap kernel reads.</summary>
    High,

    /// <summary>What may be slow or hang.</summary>
    Normal,

    /// <summary>What waits for the answers of other programs.</summary>
    Scrape,
}
