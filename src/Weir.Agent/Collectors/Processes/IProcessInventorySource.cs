namespace Weir.Agent.Collectors.Processes;

/// <summary>Tells which processes stand behind the reported names.</summary>
internal interface IProcessInventorySource
{
    /// <summary>As of the last tick. May be called by any thread at any time.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    ProcessInventory Inventory();
}
