namespace Weir.Agent.Configuration;

/// <summary>A performance object to report: one entry of <c>collectors.pdh.objects</c>.</summary>
/// <remarks>Immutable. Checked by <see cref="PdhConfigReader"/>.</remarks>
public sealed record PdhObjectConfig
{
    /// <summary>The interval where none is said.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(15);

    /// <summary>The attribute that holds the instance where none is said.</summary>
    public const string DefaultAttribute = "windows.counter.instance";

    /// <summary>Most objects.</summary>
    public const int MaxObjects = 64;

    /// <summary>Most counters of an object.</summary>
    public const int MaxCounters = 64;

    /// <summary>Most instances of an object.</summary>
    public const int MaxInstances = 1000;

    /// <summary>Most attributes beside the instance: with those of the host they stay below <see cref="FrameLimits.MaxAttributes"/>.</summary>
    public const int MaxAttributes = 15;

    /// <summary>What the collector is called after <c>pdh:</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The English name of the object.</summary>
    public required string PerformanceObject { get; init; }

    /// <summary>Which instances are reported; null: the object has none.</summary>
    public NamePatterns? Instances { get; init; }

    /// <summary>The attribute that holds the instance.</summary>
    public string Attribute { get; init; } = DefaultAttribute;

    /// <summary>Most instances that are reported, the first by name; 1 to <see cref="MaxInstances"/>.</summary>
    public int InstanceLimit { get; init; } = MaxInstances;

    /// <summary>Attributes that all series of the object carry.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init => field = new EqualList<KeyValuePair<string, string>>(value); } = EqualList<KeyValuePair<string, string>>.Empty;

    /// <summary>The counters; at least one.</summary>
    public required IReadOnlyList<PdhCounterConfig> Counters { get; init => field = new EqualList<PdhCounterConfig>(value); }

    /// <summary>Distance of the ticks.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;
}
