namespace Weir.Frames.Profiled;

/// <summary>Turns the bytes of <see cref="ProfiledEncoder"/> back into columns.</summary>
/// <remarks>Reuses its memory; not thread-safe. Any bytes are safe input: what does not end exactly where it should is refused.</remarks>
internal sealed class ProfiledDecoder
{
    private readonly LeaderLevels _leaders = new();
    private long[] _levels = [];
    private double[] _packed = [];

    /// <summary>Decodes columns.</summary>
    /// <param name="set">Their profiles.</param>
    /// <param name="bytes">Exactly the encoder's bytes.</param>
    /// <param name="ticks">Ticks.</param>
    /// <param name="missing">How many cells are missing.</param>
    /// <param name="age">Ticks from the base, as the encoder was told.</param>
    /// <param name="values">Receives the values, series-major; zero at a missing place.</param>
    /// <param name="present">Receives 1 where a value is present, 0 where it is missing.</param>
    /// <returns>Whether the bytes are columns of this shape.</returns>
    public bool TryDecode(ProfileSet set, ReadOnlySpan<byte> bytes, int ticks, int missing, int age, Span<double> values, Span<byte> present)
    {
        if (!ColumnStreams.TryOpen(bytes, out ColumnStreams streams)) return false;
        _leaders.Reset(set.Leaders, ticks);
        if (_levels.Length < ticks)
        {
            _levels = new long[ticks];
            _packed = new double[ticks];
        }

        if (missing == 0) present.Fill(1);
        else if (!TryReadPresence(set, ticks, missing, present, ref streams)) return false;
        ReadOnlySpan<byte> runs = set.Runs;
        for (int s = 0; s < set.Count;)
        {
            int run = missing == 0 ? runs[s] : 0;
            if (run > 1 && streams.Decisions.Decide(ProfileTables.RunStays))
            {
                Repeat(set.BaseValues.Slice(s, run), ticks, values[(s * ticks)..]);
                s += run;
                continue;
            }

            for (int end = s + Math.Max(1, run); s < end; s++)
            {
                Span<double> column = values.Slice(s * ticks, ticks);
                if (missing == 0) ReadColumn(set, s, column, ticks, age, ref streams);
                else ReadSparse(set, s, column, present.Slice(s * ticks, ticks), age, ref streams);
            }
        }

        return streams.Ended;
    }

    private static bool TryReadPresence(ProfileSet set, int ticks, int missing, Span<byte> present, ref ColumnStreams streams)
    {
        for (int s = 0; s < set.Count; s++)
        {
            Span<byte> column = present.Slice(s * ticks, ticks);
            bool full = streams.Decisions.Decide((uint)(set.Profiles[s].Absent ? ProfileTables.FullIfAbsent : ProfileTables.FullIfPresent));
            column.Fill(full ? (byte)1 : (byte)0);
            if (full || streams.Decisions.Decide(ProfileTables.NoneIfNotFull)) continue;
            foreach (ref byte bit in column) bit = (byte)streams.Raw.Read(1);
        }

        return present.Count((byte)0) == missing;
    }

    private static void Repeat(ReadOnlySpan<double> baseValues, int ticks, Span<double> values)
    {
        if (ticks == 1)
        {
            baseValues.CopyTo(values);
            return;
        }

        for (int i = 0; i < baseValues.Length; i++) values.Slice(i * ticks, ticks).Fill(baseValues[i]);
    }

    private void ReadSparse(ProfileSet set, int series, Span<double> column, ReadOnlySpan<byte> present, int age, ref ColumnStreams streams)
    {
        int count = present.Count((byte)1);
        if (count == column.Length)
        {
            ReadColumn(set, series, column, column.Length, age, ref streams);
            return;
        }

        column.Clear();
        if (count == 0) return;
        Span<double> packed = _packed.AsSpan(0, count);
        ReadColumn(set, series, packed, column.Length, age, ref streams);
        for (int t = 0, at = 0; t < column.Length; t++)
            if (present[t] != 0) column[t] = packed[at++];
    }

    private void ReadColumn(ProfileSet set, int series, Span<double> column, int ticks, int age, ref ColumnStreams streams)
    {
        ref readonly SeriesProfile profile = ref set.Profiles[series];
        int distance = Math.Max(1, age), slot = set.LeaderSlots[series];
        int stays = profile.Constant ? ProfileTables.ConstantStays : ProfileTables.Stays(profile.ZeroAfterZero, distance + ticks);
        if (streams.Decisions.Decide((uint)stays))
        {
            column.Fill(profile.BaseValue);
            _leaders.KeepStill(slot, column.Length);
            return;
        }

        ColumnMode mode = ColumnReader.ReadMode(ref streams.Decisions);
        if (mode == ColumnMode.Raw)
        {
            ColumnReader.ReadRaw(profile.BaseValue, column, ref streams.Raw);
            return;
        }

        bool isLevels = mode == ColumnMode.Levels;
        Span<long> levels = _levels.AsSpan(0, column.Length);
        ReadOnlySpan<long> leader = isLevels && profile.Twin >= 0 ? _leaders.Of(set.LeaderSlots[profile.Twin], column.Length) : default;
        ColumnReader.ReadLevels(new ColumnModel(profile, isLevels, !leader.IsEmpty, distance), leader, levels, age == 0, ref streams);
        if (isLevels) _leaders.Keep(slot, levels);
        ColumnReader.ToValues(profile, isLevels ? profile.Quantum : 1, levels, column);
    }
}
