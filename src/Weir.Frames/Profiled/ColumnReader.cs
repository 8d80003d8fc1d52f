using System.Runtime.CompilerServices;

namespace Weir.Frames.Profiled;

/// <summary>Reads single columns.</summary>
internal static class ColumnReader
{
    /// <summary>Reads the mode of a column that left its base.</summary>
    public static ColumnMode ReadMode(ref RansReader decisions)
    {
        const uint Levels = ProfileTables.ModeIsLevels, Units = ProfileTables.ModeIsUnits, Rest = ProfileTables.One - Levels - Units;
        uint slot = decisions.Slot;
        if (slot < Levels)
        {
            decisions.Take(0, Levels);
            return ColumnMode.Levels;
        }

        if (slot < Levels + Units)
        {
            decisions.Take(Levels, Units);
            return ColumnMode.Units;
        }

        decisions.Take(Levels + Units, Rest);
        return ColumnMode.Raw;
    }

    /// <summary>Reads a column's levels.</summary>
    public static void ReadLevels(in ColumnModel model, ReadOnlySpan<long> leader, Span<long> levels, bool anchored, ref ColumnStreams streams)
    {
        // Copies stay in registers; the streams behind the reference would not.
        RansReader decisions = streams.Decisions, magnitudes = streams.Magnitudes;
        BitReader raw = streams.Raw;
        uint afterMove = model.AfterMove, afterZero = model.AfterZero, signs = anchored ? afterZero : afterMove;
        int spread = model.Spread, center = model.Center - ProfileTables.CenterSymbol;
        long level = 0, step = model.Step;
        if (!anchored)
        {
            level = leader.IsEmpty ? model.FirstLevel : leader[0];
            level += ReadResidual(model.FirstSigns, model.FirstSpread, model.FirstCenter - ProfileTables.CenterSymbol, ref decisions, ref magnitudes, ref raw);
        }

        levels[0] = level;
        for (int t = 1; t < levels.Length; t++)
        {
            if (t < leader.Length) step = leader[t] - leader[t - 1];
            long residual = ReadResidual(signs, spread, center, ref decisions, ref magnitudes, ref raw);
            signs = residual == 0 ? afterZero : afterMove;
            level += step + residual;
            levels[t] = level;
        }

        streams.Decisions = decisions;
        streams.Magnitudes = magnitudes;
        streams.Raw = raw;
    }

    /// <summary>Reads a column that has left its profile's form.</summary>
    public static void ReadRaw(double baseValue, Span<double> column, ref BitReader raw)
    {
        long ordered = NumberForm.ToOrdered(baseValue);
        foreach (ref double value in column)
        {
            if (raw.Read(1) != 0)
            {
                bool negative = raw.Read(1) != 0;
                int log = (int)raw.Read(6);
                long size = (long)((1UL << log) | raw.Read(log));
                ordered += negative ? -size : size;
            }

            value = NumberForm.FromOrdered(ordered);
        }
    }

    /// <summary>Turns levels into values.</summary>
    public static void ToValues(in SeriesProfile profile, long quantum, ReadOnlySpan<long> levels, Span<double> column)
    {
        long origin = profile.Base;
        if (profile.Form == NumberForm.Raw)
        {
            for (int t = 0; t < column.Length; t++) column[t] = NumberForm.FromOrdered(origin + (quantum * levels[t]));
        }
        else if (profile.Form == 0)
        {
            for (int t = 0; t < column.Length; t++) column[t] = origin + (quantum * levels[t]);
        }
        else
        {
            double power = NumberForm.PowerOf(profile.Form);
            for (int t = 0; t < column.Length; t++) column[t] = (origin + (quantum * levels[t])) / power;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long ReadResidual(uint signs, int spread, int center, ref RansReader decisions, ref RansReader magnitudes, ref BitReader raw)
    {
        uint slot = decisions.Slot, zero = signs & 0xffff, negative = signs >> 16;
        if (slot < zero)
        {
            decisions.Take(0, zero);
            return 0;
        }

        bool isNegative = slot < zero + negative;
        if (isNegative) decisions.Take(zero, negative);
        else decisions.Take(zero + negative, ProfileTables.One - zero - negative);
        uint symbol = ProfileTables.SymbolAt[(spread * ProfileTables.One) + (int)magnitudes.Slot];
        uint packed = ProfileTables.Magnitudes[(spread * 32) + (int)symbol];
        magnitudes.Take(packed & 0xffff, packed >> 16);
        int log = symbol == ProfileTables.Escape ? (int)raw.Read(6) : (int)symbol + center;
        log &= 63;
        long size = (long)((1UL << log) | raw.Read(log));
        return isNegative ? -size : size;
    }
}
