namespace Weir.Contracts;

/// <summary>Entries that damage took: their agent is asked for them, or no longer holds them.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="Epoch">Their epoch.</param>
/// <param name="First">Number of the first.</param>
/// <param name="Last">Number of the last.</param>
/// <param name="FromMs">Time of the first tick that is known to be missing, Unix ms; 0 where damage took the times too.</param>
/// <param name="ToMs">Time of the last, Unix ms; 0 where damage took the times too.</param>
/// <param name="IsLost">Whether they are lost for good, unless a copy comes after all.</param>
public sealed record MissingEntries(AgentKey Agent, ulong Epoch, ulong First, ulong Last, long FromMs, long ToMs, bool IsLost);
