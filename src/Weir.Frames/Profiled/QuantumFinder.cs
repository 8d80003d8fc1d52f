using System.Numerics;

namespace Weir.Frames.Profiled;

/// <summary>Finds what all steps of a series are multiples of: pages, sectors, clock ticks.</summary>
internal static class QuantumFinder
{
    // A divisor that few steps share may be chance, and a wrong one costs a column its model until the next baseline.
    private const int FewSteps = 8;
    private const int ManySteps = 32;
    private const long LeastQuantum = 8;
    private const long MostQuantum = 1L << 48;

    // Sizes that memory and disks come in: taken on the word of few steps if the value itself is a multiple.
    private const long LargestSize = 4096;
    private const long SmallestSize = 512;

    /// <summary>The quantum, from 1.</summary>
    /// <param name="units">The series' integers in its form.</param>
    public static long Find(ReadOnlySpan<long> units)
    {
        ulong divisor = 0;
        int steps = 0;
        for (int t = 1; t < units.Length; t++)
        {
            long step = units[t] - units[t - 1];
            if (step == 0) continue;
            steps++;
            divisor = GreatestCommonDivisor(divisor, step < 0 ? (ulong)-step : (ulong)step);
            if (divisor == 1) return 1;
        }

        if (divisor is 0 or > MostQuantum) return 1;
        if (steps >= ManySteps || (steps >= FewSteps && (long)divisor >= LeastQuantum)) return (long)divisor;
        long common = (long)divisor | units[0];
        long size = Math.Min(LargestSize, common & -common);
        return size >= SmallestSize ? size : 1;
    }

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        if (a == 0) return b;
        // The usual case: the divisor so far divides the next step too.
        while (b != 0)
        {
            ulong rest = BitOperations.IsPow2(b) ? a & (b - 1) : a % b;
            a = b;
            b = rest;
        }

        return a;
    }
}
