namespace Weir.Agent.Identity;

/// <summary>An id that the agent has had: epochs of before keep it, so that what both copies of a machine still hold of them has one name.</summary>
/// <param name="Id">The id.</param>
/// <param name="LastStart">The last start number that belongs to it.</param>
internal readonly record struct FormerId(Log.AgentId Id, uint LastStart);
