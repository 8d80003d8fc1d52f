namespace Weir.Agent.Collection;

/// <summary>Somebody wants a collector read at a shorter interval for a while.</summary>
/// <param name="Collector">Its name in the configuration.</param>
/// <param name="Interval">Distance of the ticks.</param>
/// <param name="Duration">For how long.</param>
internal sealed record CollectOrder(string Collector, TimeSpan Interval, TimeSpan Duration);
