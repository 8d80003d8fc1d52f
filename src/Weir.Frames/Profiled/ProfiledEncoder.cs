using System.Numerics;
using System.Runtime.InteropServices;

namespace Weir.Frames.Profiled;

/// <summary>Codec 1: columns as residuals against their profiles, through an entropy coder, and raw low bits.</summary>
/// <remarks>Reuses its memory: the steady state allocates nothing. Not thread-safe. <c>docs/formats/profiled.md</c> draws the bytes.</remarks>
internal sealed class ProfiledEncoder
{
    private readonly RansWriter _decisions = new();
    private readonly RansWriter _magnitudes = new();
    private readonly BitWriter _raw = new();
    private readonly LeaderLevels _leaders = new();
    private double[] _packed = [];
    private long[] _levels = [];
    private int[] _presentTicks = [];

    /// <summary>Appends the columns.</summary>
    /// <param name="set">Their profiles.</param>
    /// <param name="columns">The values; what is missing; how far from the base they are.</param>
    /// <param name="target">Receives the bytes.</param>
    public void Encode(ProfileSet set, in ColumnSource columns, ByteWriter target)
    {
        Begin(set, columns.Ticks);
        if (columns.Missing > 0) WritePresence(set, columns);
        ReadOnlySpan<byte> runs = set.Runs;
        for (int s = 0; s < set.Count;)
        {
            int run = columns.Missing == 0 ? runs[s] : 0;
            if (run > 1)
            {
                bool stays = RunStays(set, columns, s, run);
                _decisions.Decide(stays, ProfileTables.RunStays);
                if (!stays)
                    for (int i = 0; i < run; i++) EncodeColumn(set, columns, s + i);
                s += run;
                continue;
            }

            EncodeColumn(set, columns, s++);
        }

        Finish(target);
    }

    private void Begin(ProfileSet set, int ticks)
    {
        _decisions.Clear();
        _magnitudes.Clear();
        _raw.Clear();
        _leaders.Reset(set.Leaders, ticks);
        // Both or neither: memory may have been short for one of them.
        if (_levels.Length < ticks) (_levels, _packed) = (new long[ticks], new double[ticks]);
        if (_presentTicks.Length < set.Count) _presentTicks = new int[set.Count];
    }

    private void WritePresence(ProfileSet set, in ColumnSource columns)
    {
        for (int s = 0; s < set.Count; s++)
        {
            ReadOnlySpan<byte> present = columns.PresentOf(s);
            int count = present.Count((byte)1);
            _presentTicks[s] = count;
            _decisions.Decide(count == columns.Ticks, set.Profiles[s].Absent ? ProfileTables.FullIfAbsent : ProfileTables.FullIfPresent);
            if (count == columns.Ticks) continue;
            _decisions.Decide(count == 0, ProfileTables.NoneIfNotFull);
            if (count == 0) continue;
            foreach (byte bit in present) _raw.Write(bit, 1);
        }
    }

    private static bool RunStays(ProfileSet set, in ColumnSource columns, int first, int run)
    {
        for (int s = first; s < first + run; s++)
            if (!Stays(columns.ValuesOf(s), set.BaseValues[s])) return false;
        return true;
    }

    // By bits: 0.0 and -0.0 differ, a NaN equals itself.
    private static bool Stays(ReadOnlySpan<double> values, double baseValue) =>
        !MemoryMarshal.Cast<double, long>(values).ContainsAnyExcept(BitConverter.DoubleToInt64Bits(baseValue));

    private void EncodeColumn(ProfileSet set, in ColumnSource columns, int series)
    {
        ref readonly SeriesProfile profile = ref set.Profiles[series];
        ReadOnlySpan<double> values = columns.ValuesOf(series);
        if (columns.Missing > 0)
        {
            if (_presentTicks[series] == 0) return;
            if (_presentTicks[series] < values.Length) values = columns.PresentValuesOf(series, _packed);
        }

        bool stays = Stays(values, profile.BaseValue);
        _decisions.Decide(stays, profile.Constant ? ProfileTables.ConstantStays : ProfileTables.Stays(profile.ZeroAfterZero, columns.Age + columns.Ticks));
        if (stays)
        {
            _leaders.KeepStill(set.LeaderSlots[series], values.Length);
            return;
        }

        Span<long> levels = _levels.AsSpan(0, values.Length);
        if (!TryToUnits(profile, values, levels))
        {
            _decisions.Add(ModeSymbol(ColumnMode.Raw));
            WriteRaw(NumberForm.ToOrdered(profile.BaseValue), values);
            return;
        }

        bool isLevels = TryToLevels(profile.Quantum, levels);
        _decisions.Add(ModeSymbol(isLevels ? ColumnMode.Levels : ColumnMode.Units));
        ReadOnlySpan<long> leader = isLevels && profile.Twin >= 0 ? _leaders.Of(set.LeaderSlots[profile.Twin], values.Length) : default;
        WriteResiduals(new ColumnModel(profile, isLevels, !leader.IsEmpty, columns.Age), leader, levels, columns.Anchored);
        if (isLevels) _leaders.Keep(set.LeaderSlots[series], levels);
    }

    private static bool TryToUnits(in SeriesProfile profile, ReadOnlySpan<double> values, Span<long> units)
    {
        if (!NumberForm.TryToIntegers(values, profile.Form, units)) return false;
        foreach (ref long unit in units) unit -= profile.Base;
        return true;
    }

    // Leaves the units as they are unless all of them are multiples.
    private static bool TryToLevels(long quantum, Span<long> units)
    {
        if (quantum == 1) return true;
        if (BitOperations.IsPow2(quantum))
        {
            int shift = BitOperations.Log2((ulong)quantum);
            foreach (long unit in units)
                if ((unit & (quantum - 1)) != 0) return false;
            foreach (ref long unit in units) unit >>= shift;
            return true;
        }

        foreach (long unit in units)
            if (unit % quantum != 0) return false;
        foreach (ref long unit in units) unit /= quantum;
        return true;
    }

    private void WriteResiduals(in ColumnModel model, ReadOnlySpan<long> leader, ReadOnlySpan<long> levels, bool anchored)
    {
        Span<uint> decisions = _decisions.Reserve(levels.Length), magnitudes = _magnitudes.Reserve(levels.Length);
        ReadOnlySpan<uint> symbols = ProfileTables.Magnitudes;
        BitWriter.Cursor raw = _raw.Begin(2 * levels.Length);
        Span<byte> memory = _raw.Memory;
        int decided = 0, moved = 0;
        uint afterMove = model.AfterMove, afterZero = model.AfterZero, signs = anchored ? afterZero : model.FirstSigns;
        int table = anchored ? model.Spread : model.FirstSpread, center = anchored ? model.Center : model.FirstCenter;
        long before = 0, expected = leader.IsEmpty ? model.FirstLevel : leader[0];
        for (int t = anchored ? 1 : 0; t < levels.Length; t++)
        {
            if (t > 0) expected = leader.IsEmpty ? model.Step : leader[t] - leader[t - 1];
            long residual = levels[t] - before - expected;
            before = levels[t];
            uint zero = signs & 0xffff, negative = signs >> 16;
            if (residual == 0)
            {
                decisions[decided++] = zero << 16;
                signs = t == 0 ? afterMove : afterZero;
            }
            else
            {
                bool isNegative = residual < 0;
                uint start = isNegative ? zero : zero + negative, frequency = isNegative ? negative : ProfileTables.One - zero - negative;
                decisions[decided++] = start | (frequency << 16);
                ulong size = (ulong)(isNegative ? -residual : residual);
                int log = BitOperations.Log2(size), symbol = log - center + ProfileTables.CenterSymbol;
                if ((uint)symbol >= ProfileTables.Escape)
                {
                    symbol = ProfileTables.Escape;
                    raw.Write(memory, (ulong)log, 6);
                }

                magnitudes[moved++] = symbols[(table * 32) + symbol];
                raw.Write(memory, size ^ (1UL << log), log);
                signs = afterMove;
            }

            table = model.Spread;
            center = model.Center;
        }

        _decisions.Advance(decided);
        _magnitudes.Advance(moved);
        _raw.End(raw);
    }

    private void WriteRaw(long previous, ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            long ordered = NumberForm.ToOrdered(value), residual = ordered - previous;
            previous = ordered;
            _raw.Write(residual == 0 ? 0UL : 1, 1);
            if (residual == 0) continue;
            ulong size = residual < 0 ? (ulong)-residual : (ulong)residual;
            int log = BitOperations.Log2(size);
            _raw.Write(residual < 0 ? 1UL : 0, 1);
            _raw.Write((ulong)log, 6);
            _raw.Write(size ^ (1UL << log), log);
        }
    }

    private static uint ModeSymbol(ColumnMode mode) => mode switch
    {
        ColumnMode.Levels => ProfileTables.ModeIsLevels << 16,
        ColumnMode.Units => ProfileTables.ModeIsLevels | (ProfileTables.ModeIsUnits << 16),
        _ => (ProfileTables.ModeIsLevels + ProfileTables.ModeIsUnits) | ((ProfileTables.One - ProfileTables.ModeIsLevels - ProfileTables.ModeIsUnits) << 16),
    };

    private void Finish(ByteWriter target)
    {
        _decisions.Finish();
        _magnitudes.Finish();
        ReadOnlySpan<byte> raw = _raw.Finish();
        target.Varint((ulong)raw.Length);
        target.Bytes(raw);
        target.U8((byte)(_decisions.StateBytes | (_magnitudes.StateBytes << 4)));
        target.Varint((ulong)_decisions.WordCount);
        _decisions.WriteState(target);
        _magnitudes.WriteState(target);
        _decisions.WriteWords(target);
        _magnitudes.WriteWords(target);
    }
}
