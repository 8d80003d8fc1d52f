namespace Weir.Agent.Configuration;

/// <summary>A set of defaults under one name; keys that the file has override it.</summary>
public enum CollectionProfile
{
    /// <summary><c>1s</c>: ticks each second, frames of 5 s, slow collectors at their own intervals.</summary>
    OneSecond,

    /// <summary><c>10s</c>: ticks of 10 s, a frame each, slow collectors each minute at most: a tenth of the samples, and less than that of bytes.</summary>
    TenSeconds,
}
