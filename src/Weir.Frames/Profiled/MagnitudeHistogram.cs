using System.Numerics;

namespace Weir.Frames.Profiled;

/// <summary>Counts magnitudes of residuals and finds the table and centre that code them shortest. Reused; not thread-safe.</summary>
internal sealed class MagnitudeHistogram
{
    // Magnitudes may be counted relative to a growing centre, and so be negative.
    private const int Below = 32;
    private const int Size = Below + 64;
    private const int Reach = 3;

    private readonly int[] _counts = new int[Size];
    private int _total;
    private long _sum;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        _total = 0;
        _sum = 0;
    }

    /// <summary>Counts a residual that is not zero.</summary>
    /// <param name="residual">The residual.</param>
    /// <param name="growth">How much of its magnitude is taken for granted.</param>
    public void Add(long residual, int growth)
    {
        int magnitude = BitOperations.Log2(residual < 0 ? (ulong)-residual : (ulong)residual) - growth;
        _counts[magnitude + Below]++;
        _total++;
        _sum += magnitude;
    }

    /// <summary>Finds the best coding of what was counted.</summary>
    /// <returns>Its length in 1/256 bits, without the magnitudes' own low bits.</returns>
    public long Choose(out byte spread, out byte center)
    {
        spread = SeriesProfile.Still.Spread;
        center = SeriesProfile.Still.Center;
        if (_total == 0) return 0;
        long best = long.MaxValue;
        int mean = (int)(_sum / _total);
        for (int m = Math.Max(0, mean - Reach); m <= Math.Min(63, Math.Max(0, mean) + Reach); m++)
        {
            for (int s = 0; s < ProfileTables.Spreads; s++)
            {
                long length = 0;
                for (int i = 0; i < Size; i++)
                    if (_counts[i] != 0) length += (long)_counts[i] * CodeLength.OfMagnitude(s, i - Below - m);
                if (length >= best) continue;
                best = length;
                (spread, center) = ((byte)s, (byte)m);
            }
        }

        return best;
    }

    /// <summary>Low bits of what was counted, in 1/256 bits.</summary>
    public long LowBits
    {
        get
        {
            long bits = 0;
            for (int i = 0; i < Size; i++) bits += (long)_counts[i] * (i - Below) * CodeLength.Bit;
            return bits;
        }
    }
}
