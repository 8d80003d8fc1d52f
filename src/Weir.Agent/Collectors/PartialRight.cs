namespace Weir.Agent.Collectors;

/// <summary>A right that a part of what a source gives needs: without it the rest is there.</summary>
/// <param name="Right">The right.</param>
/// <param name="Part">What of the source is missing without it.</param>
internal sealed record PartialRight(SourceRight Right, string Part);
