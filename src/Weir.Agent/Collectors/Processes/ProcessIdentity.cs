namespace Weir.Agent.Collectors.Processes;

/// <summary>A process for good: its number may be taken over by a later one, number and start may not.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="StartedAt">When it started.</param>
internal readonly record struct ProcessIdentity(int Pid, DateTimeOffset StartedAt);
