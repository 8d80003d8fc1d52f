namespace Weir.Stores.FrameStore;

/// <summary>The last value of every series of a group, as decoded from its newest frames.</summary>
/// <param name="TimesMs">Time per series, Unix ms; <see cref="None"/> where the frames looked at hold no value.</param>
/// <param name="Values">Value per series.</param>
internal sealed record LatestValues(long[] TimesMs, double[] Values)
{
    /// <summary>No value found.</summary>
    public const long None = long.MinValue;
}
