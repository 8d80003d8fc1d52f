namespace Weir.Agent.Local;

/// <summary>Where a source of a collector stands.</summary>
/// <param name="Name">The API or file.</param>
/// <param name="State"><c>works</c>, <c>denied</c> (a right is missing), <c>failed</c>, <c>unused</c> (one before it works) or <c>not here</c> (the system is older).</param>
/// <param name="Error">Why it failed last; null where it did not.</param>
/// <param name="Needs">The right that it needs beyond an ordinary user's; null: none.</param>
/// <param name="Grant">The command that grants it.</param>
internal sealed record SourceStatus(string Name, string State, string? Error, string? Needs, string? Grant);
