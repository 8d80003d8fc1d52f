using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Weir.Frames;

/// <summary>The digest of a set of samples: a wrapping sum of one 64-bit hash per sample, so that order and packaging do not matter.</summary>
/// <remarks>Specified with golden values in <c>docs/formats/digest.md</c>; frozen. Eight samples at a time where the processor multiplies eight 64-bit integers at once.</remarks>
public static class SampleDigest
{
    private const ulong TimeFactor = 0x9E3779B97F4A7C15;
    private const ulong ValueFactor = 0xC2B2AE3D27D4EB4F;
    private const ulong FirstFactor = 0xFF51AFD7ED558CCD;
    private const ulong SecondFactor = 0xC4CEB9FE1A85EC53;
    private const ulong CanonicalNaN = 0x7FF8000000000000;

    /// <summary>The hash of one sample; all NaNs count as one.</summary>
    /// <param name="seriesHash">From <see cref="Schema.SeriesHashes"/>.</param>
    /// <param name="timeMs">Unix ms.</param>
    /// <param name="value">The value.</param>
    public static ulong Of(ulong seriesHash, long timeMs, double value) => Mix(seriesHash + ((ulong)timeMs * TimeFactor), value);

    /// <summary>The digest of one tick of many series, all present.</summary>
    /// <param name="seriesHashes">Hash of each series.</param>
    /// <param name="timeMs">The tick.</param>
    /// <param name="values">One value per series.</param>
    internal static ulong OfTick(ReadOnlySpan<ulong> seriesHashes, long timeMs, ReadOnlySpan<double> values)
    {
        ulong digest = 0, time = (ulong)timeMs * TimeFactor;
        int s = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> sum = default, times = Vector512.Create(time);
            for (; s <= values.Length - Vector512<ulong>.Count; s += Vector512<ulong>.Count)
                sum += Mix(Vector512.Create(seriesHashes[s..]) + times, Vector512.Create(values[s..]));
            digest = Vector512.Sum(sum);
        }

        for (; s < values.Length; s++) digest += Mix(seriesHashes[s] + time, values[s]);
        return digest;
    }

    /// <summary>The digest of many ticks of many series, all present.</summary>
    /// <param name="seriesHashes">Hash of each series.</param>
    /// <param name="timesMs">The ticks.</param>
    /// <param name="values">Their values, series-major.</param>
    [SkipLocalsInit]
    internal static ulong OfColumns(ReadOnlySpan<ulong> seriesHashes, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
    {
        if (timesMs.Length == 1) return OfTick(seriesHashes, timesMs[0], values);
        const int Lanes = 8, MostTicks = 512;
        if (!Vector512.IsHardwareAccelerated || timesMs.Length > MostTicks) return OfColumnsOneByOne(seriesHashes, timesMs, values);
        Span<ulong> times = stackalloc ulong[MostTicks + Lanes];
        for (int t = 0; t < timesMs.Length; t++) times[t] = (ulong)timesMs[t] * TimeFactor;
        Vector512<ulong> sum = default, lanes = Vector512.LessThan(Vector512<ulong>.Indices, Vector512.Create((ulong)(timesMs.Length % Lanes)));
        int whole = timesMs.Length / Lanes * Lanes;
        ulong digest = 0;
        for (int s = 0, cell = 0; s < seriesHashes.Length; s++, cell += timesMs.Length)
        {
            Vector512<ulong> hash = Vector512.Create(seriesHashes[s]);
            for (int t = 0; t < whole; t += Lanes) sum += Mix(hash + Vector512.Create(times[t..]), Vector512.Create(values[(cell + t)..]));
            if (whole == timesMs.Length) continue;
            // The rest reads on into the next column, and leaves those lanes out; the last column has none behind it.
            if (cell + whole + Lanes <= values.Length)
                sum += Mix(hash + Vector512.Create(times[whole..]), Vector512.Create(values[(cell + whole)..])) & lanes;
            else
                for (int t = whole; t < timesMs.Length; t++) digest += Mix(seriesHashes[s] + times[t], values[cell + t]);
        }

        return digest + Vector512.Sum(sum);
    }

    private static ulong OfColumnsOneByOne(ReadOnlySpan<ulong> seriesHashes, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
    {
        ulong digest = 0;
        for (int s = 0, cell = 0; s < seriesHashes.Length; s++)
            foreach (long timeMs in timesMs) digest += Of(seriesHashes[s], timeMs, values[cell++]);
        return digest;
    }

    private static ulong Mix(ulong seriesAndTime, double value)
    {
        ulong bits = double.IsNaN(value) ? CanonicalNaN : BitConverter.DoubleToUInt64Bits(value);
        ulong x = seriesAndTime ^ System.Numerics.BitOperations.RotateLeft(bits * ValueFactor, 32);
        x ^= x >> 33;
        x *= FirstFactor;
        x ^= x >> 33;
        x *= SecondFactor;
        x ^= x >> 33;
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Mix(Vector512<ulong> seriesAndTime, Vector512<double> values)
    {
        Vector512<ulong> bits = Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt64(), values.AsUInt64(), Vector512.Create(CanonicalNaN));
        bits *= ValueFactor;
        Vector512<ulong> x = seriesAndTime ^ ((bits << 32) | (bits >>> 32));
        x ^= x >>> 33;
        x *= FirstFactor;
        x ^= x >>> 33;
        x *= SecondFactor;
        return x ^ (x >>> 33);
    }
}
