namespace Weir.Agent.Services;

/// <summary>What an installed service runs with, as its system keeps it.</summary>
/// <param name="Account">The account that was named for it; null: its own.</param>
/// <param name="Arguments">The arguments of its program: <c>run</c> and what follows.</param>
internal sealed record InstalledService(string? Account, IReadOnlyList<string> Arguments);
