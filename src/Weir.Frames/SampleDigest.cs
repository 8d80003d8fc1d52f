namespace Weir.Frames;

/// <summary>The digest of a set of samples: a wrapping sum of one 64-bit hash per sample, so that order and packaging do not matter.</summary>
/// <remarks>Specified with golden values in <c>docs/formats/digest.md</c>; frozen.</remarks>
public static class SampleDigest
{
    private const ulong TimeFactor = 0x9E3779B97F4A7C15;
    private const ulong ValueFactor = 0xC2B2AE3D27D4EB4F;
    private const ulong CanonicalNaN = 0x7FF8000000000000;

    /// <summary>The hash of one sample; all NaNs count as one.</summary>
    /// <param name="seriesHash">From <see cref="Schema.SeriesHashes"/>.</param>
    /// <param name="timeMs">Unix ms.</param>
    /// <param name="value">The value.</param>
    public static ulong Of(ulong seriesHash, long timeMs, double value)
    {
        ulong bits = double.IsNaN(value) ? CanonicalNaN : BitConverter.DoubleToUInt64Bits(value);
        ulong x = (seriesHash + ((ulong)timeMs * TimeFactor)) ^ System.Numerics.BitOperations.RotateLeft(bits * ValueFactor, 32);
        x ^= x >> 33;
        x *= 0xFF51AFD7ED558CCD;
        x ^= x >> 33;
        x *= 0xC4CEB9FE1A85EC53;
        x ^= x >> 33;
        return x;
    }
}
