namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>A unit of systemd.</summary>
/// <param name="Name">Its name with its suffix.</param>
/// <param name="State">Its state, an index of <see cref="UnitTable.States"/>.</param>
/// <param name="Restarts">How often systemd has restarted it by itself; null where systemd does not count it.</param>
internal readonly record struct Unit(string Name, int State, ulong? Restarts);
