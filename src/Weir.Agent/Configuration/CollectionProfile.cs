namespace Weir.Agent.Configuration;

/// <summary>A set of defaults under one name; keys that the file has override it.</summary>
public enum CollectionProfile
{
    /// <summary><c>1s</c>: ticks each second, those of the normal lane each 15 s, frames of 5 s.</summary>
    OneSecond,

    /// <summary><c>10s</c>: ticks of 10 s, a frame each, those of the normal lane each minute: a tenth of the samples, and less than that of bytes.</summary>
    TenSeconds,
}
