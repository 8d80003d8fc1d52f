namespace Weir.Agent.Collectors.Linux;

/// <summary>Whether a device is reported.</summary>
internal enum DeviceUse
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>From its first activity on: kernels create such devices in advance.</summary>
    WhenActive,

    /// <summary>Always.</summary>
    Always,
}
