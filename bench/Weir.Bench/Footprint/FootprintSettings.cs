namespace Weir.Bench.Footprint;

/// <summary>What is measured.</summary>
/// <param name="Duration">How long.</param>
/// <param name="Interval">How often each side measures.</param>
/// <param name="Processes">Idle processes beside those of the host.</param>
/// <param name="IsEqual">Whether each side measures what all have, all of it at each interval, instead of what it measures by default.</param>
internal sealed record FootprintSettings(TimeSpan Duration, TimeSpan Interval, int Processes, bool IsEqual);
