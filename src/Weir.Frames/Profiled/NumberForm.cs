namespace Weir.Frames.Profiled;

/// <summary>The forms in which a series' doubles are written as 64-bit integers, exactly.</summary>
/// <remarks>
/// Forms 0 to 9 count decimals: the integer is value x 10^form. <see cref="Raw"/> takes the bits of the double in an order in which neighbouring
/// values are neighbouring integers; every double has it, NaNs and -0.0 included. Frozen: the numbers stand in baselines.
/// </remarks>
internal static class NumberForm
{
    /// <summary>The bits themselves, in value order.</summary>
    public const int Raw = 10;

    /// <summary>Integers without decimals are exact far beyond 2^53, since every large double is one.</summary>
    private const double MaxWhole = 1L << 62;

    /// <summary>Below this a value that has a decimal form has every longer one too.</summary>
    private const double MaxDecimal = 1L << 51;

    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>10 to the power of a decimal form.</summary>
    public static double PowerOf(int form) => Powers[form];

    /// <summary>The shortest form of a value.</summary>
    public static byte FormOf(double value)
    {
        byte form = 0;
        while (!TryToInteger(value, form, out _)) form++;
        return form;
    }

    /// <summary>The integer of a value; false where the form cannot hold it exactly.</summary>
    public static bool TryToInteger(double value, int form, out long integer)
    {
        if (form == Raw)
        {
            integer = ToOrdered(value);
            return true;
        }

        double scaled = value * Powers[form];
        integer = 0;
        // False for NaN as well.
        if (!(Math.Abs(scaled) < (form == 0 ? MaxWhole : MaxDecimal))) return false;
        integer = (long)(scaled + (scaled < 0 ? -0.5 : 0.5));
        return BitConverter.DoubleToInt64Bits(integer / Powers[form]) == BitConverter.DoubleToInt64Bits(value);
    }

    /// <summary>The integers of a column; false where the form cannot hold all of them.</summary>
    public static bool TryToIntegers(ReadOnlySpan<double> values, int form, Span<long> integers)
    {
        integers = integers[..values.Length];
        if (form == 0)
        {
            // Most columns: without the scaling.
            for (int i = 0; i < values.Length; i++)
            {
                double value = values[i];
                long integer = (long)value;
                integers[i] = integer;
                if (!(Math.Abs(value) < MaxWhole) || BitConverter.DoubleToInt64Bits(integer) != BitConverter.DoubleToInt64Bits(value)) return false;
            }

            return true;
        }

        for (int i = 0; i < values.Length; i++)
            if (!TryToInteger(values[i], form, out integers[i])) return false;
        return true;
    }

    /// <summary>The value of an integer.</summary>
    public static double ToDouble(long integer, int form) => form == Raw ? FromOrdered(integer) : integer / Powers[form];

    /// <summary>The bits of a double in value order: negative ones are turned around. A bijection.</summary>
    public static long ToOrdered(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        return bits < 0 ? bits ^ long.MaxValue : bits;
    }

    /// <summary>The double of ordered bits.</summary>
    public static double FromOrdered(long ordered) => BitConverter.Int64BitsToDouble(ordered < 0 ? ordered ^ long.MaxValue : ordered);
}
