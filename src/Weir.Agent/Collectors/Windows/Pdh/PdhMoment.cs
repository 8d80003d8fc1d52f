namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>When a reading was made, by the monotonic clock: at some time of the call that made it, which may take seconds.</summary>
/// <param name="From">Before the call.</param>
/// <param name="To">Behind it.</param>
internal readonly record struct PdhMoment(TimeSpan From, TimeSpan To);
