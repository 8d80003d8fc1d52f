namespace Weir.Agent.Local;

/// <summary>What a running agent says of itself on its local listener.</summary>
/// <param name="Version">Its version.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Account">The account that it runs as.</param>
/// <param name="StartedMs">When it began, Unix ms.</param>
/// <param name="Collectors">Its collectors in series order.</param>
internal sealed record AgentStatus(string Version, int ProcessId, string Account, long StartedMs, IReadOnlyList<CollectorStatus> Collectors);
