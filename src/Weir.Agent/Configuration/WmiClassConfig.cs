namespace Weir.Agent.Configuration;

/// <summary>A WMI class to report: one entry of <c>collectors.wmi.classes</c>.</summary>
/// <remarks>Immutable. Names were checked by <see cref="WmiConfigReader"/>; whoever makes one without it passes them to WMI as they are.</remarks>
public sealed record WmiClassConfig
{
    /// <summary>Shortest interval: WMI costs the host more than any other source.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(15);

    /// <summary>The interval where none is said.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    /// <summary>The namespace where none is said.</summary>
    public const string DefaultNamespace = @"root\cimv2";

    /// <summary>Most classes.</summary>
    public const int MaxClasses = 32;

    /// <summary>Most properties of a class that are metrics.</summary>
    public const int MaxProperties = 32;

    /// <summary>Most properties of a class that are attributes: with those of the host they stay below <see cref="FrameLimits.MaxAttributes"/>.</summary>
    public const int MaxAttributes = 16;

    /// <summary>What the collector is called after <c>wmi:</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where the class is.</summary>
    public string Namespace { get; init; } = DefaultNamespace;

    /// <summary>The class.</summary>
    public required string ClassName { get; init; }

    /// <summary>A WQL condition, passed as it is written; null: all rows.</summary>
    public string? Where { get; init; }

    /// <summary>The properties that are values; at least one.</summary>
    public required IReadOnlyList<WmiPropertyConfig> Properties { get; init => field = new EqualList<WmiPropertyConfig>(value); }

    /// <summary>The properties that tell rows apart; none where there is one row.</summary>
    public IReadOnlyList<WmiAttributeConfig> Attributes { get; init => field = new EqualList<WmiAttributeConfig>(value); } = EqualList<WmiAttributeConfig>.Empty;

    /// <summary>Distance of the ticks, 15 s to 1 h.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;
}
