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
        ReadOnlySpan<byte> symbolAt = ProfileTables.SymbolAt;
        ReadOnlySpan<uint> symbols = ProfileTables.Magnitudes;
        uint afterMove = model.AfterMove, afterZero = model.AfterZero, signs = anchored ? afterZero : model.FirstSigns;
        int table = anchored ? model.Spread : model.FirstSpread, center = anchored ? model.Center : model.FirstCenter;
        long level = 0, expected = leader.IsEmpty ? model.FirstLevel : leader[0];
        levels[0] = 0;
        for (int t = anchored ? 1 : 0; t < levels.Length; t++)
        {
            if (t > 0) expected = leader.IsEmpty ? model.Step : leader[t] - leader[t - 1];
            level += expected;
            uint slot = decisions.Slot, zero = signs & 0xffff, negative = signs >> 16;
            if (slot < zero)
            {
                decisions.Take(0, zero);
                signs = t == 0 ? afterMove : afterZero;
            }
            else
            {
                bool isNegative = slot < zero + negative;
                decisions.Take(isNegative ? zero : zero + negative, isNegative ? negative : ProfileTables.One - zero - negative);
                int symbol = symbolAt[(table * ProfileTables.One) + (int)magnitudes.Slot];
                uint packed = symbols[(table * 32) + symbol];
                magnitudes.Take(packed & 0xffff, packed >> 16);
                int log = (symbol == ProfileTables.Escape ? (int)raw.Read(6) : symbol + center - ProfileTables.CenterSymbol) & 63;
                long size = (long)((1UL << log) | raw.Read(log)), sign = isNegative ? -1 : 0;
                level += (size ^ sign) - sign;
                signs = afterMove;
            }

            levels[t] = level;
            table = model.Spread;
            center = model.Center;
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
}
