using Weir.Agent.Collectors;

namespace Weir.Agent.Local;

/// <summary>Where a source of a collector stands.</summary>
/// <param name="Name">The API or file.</param>
/// <param name="State"><c>works</c>, <c>denied</c> (a right is missing), <c>failed</c>, <c>unused</c> (one before it works) or <c>not here</c> (the host lacks it).</param>
/// <param name="Error">Why it failed last, or what it lacks while it works; null where nothing.</param>
/// <param name="Needs">The right that it needs beyond an ordinary user's; null: none.</param>
/// <param name="PartlyNeeds">The right that a part of what it gives needs; null: none.</param>
internal sealed record SourceStatus(string Name, string State, string? Error, SourceRight? Needs = null, PartialRight? PartlyNeeds = null);
