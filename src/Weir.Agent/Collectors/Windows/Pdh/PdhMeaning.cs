namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>What a raw value means, and with it how it is shipped.</summary>
internal enum PdhMeaning
{
    /// <summary>Text, histograms, bases alone: not shipped.</summary>
    Unsupported,

    /// <summary>The value now.</summary>
    Gauge,

    /// <summary>A cumulative count, as it is.</summary>
    Count,

    /// <summary>A cumulative time, in seconds. Of a queue length: the sum of waiting times, whose rate is the average length.</summary>
    Time,

    /// <summary>A cumulative time in which it did <em>not</em> happen: shipped as the complement, in seconds.</summary>
    IdleTime,

    /// <summary>A share of its base, 0 to 1.</summary>
    Ratio,

    /// <summary>Seconds since something began.</summary>
    Age,
}
