namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>A counter that is wanted of an object.</summary>
/// <param name="Counter">Its English name.</param>
/// <param name="Part">Which number of it.</param>
internal sealed record PdhColumn(string Counter, PdhPart Part = PdhPart.Value);
