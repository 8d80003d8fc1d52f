namespace Weir.Frames.Profiled;

/// <summary>What a series' next step is expected to be. Values are frozen.</summary>
internal enum Predictor : byte
{
    /// <summary>No step.</summary>
    None = 0,

    /// <summary>The mean step of the profile's window.</summary>
    Rate = 1,

    /// <summary>The step of an earlier series of the schema.</summary>
    Twin = 2,
}
