namespace Weir.Agent.Collectors;

/// <summary>A reader that can do its work and yet give less than it should: it says what is missing, where throwing would lose the rest too.</summary>
internal interface IDegraded
{
    /// <summary>What the last reading lacks and why; null where it lacks nothing. Read by any thread.</summary>
    string? Shortfall { get; }
}
