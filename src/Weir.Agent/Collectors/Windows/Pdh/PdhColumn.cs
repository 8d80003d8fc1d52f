namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>A counter that is wanted of an object.</summary>
/// <param name="Counter">Its English name.</param>
/// <param name="Part">Which number of it.</param>
internal sealed record PdhColumn(string Counter, PdhPart Part = PdhPart.Value)
{
    /// <summary>What the value is multiplied by, before <see cref="Offset"/>.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>What is added to it.</summary>
    public double Offset { get; init; }

    /// <summary>Whether zero means that there is no value.</summary>
    public bool IsZeroNone { get; init; }
}
