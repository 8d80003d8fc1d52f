namespace Weir.Frames.Profiled;

/// <summary>The profiles of all series that are coded together, and what follows from them.</summary>
/// <remarks>Filled, then read by any number of threads.</remarks>
internal sealed class ProfileSet
{
    /// <summary>Most constant series whose standing still one decision tells.</summary>
    public const int MaxRun = 64;

    private SeriesProfile[] _profiles = [];
    private double[] _baseValues = [];
    private byte[] _runs = [];
    private int[] _leaderSlots = [];

    /// <summary>Series.</summary>
    public int Count { get; private set; }

    /// <summary>Series that others follow.</summary>
    public int Leaders { get; private set; }

    /// <summary>The profiles, in series order.</summary>
    public ReadOnlySpan<SeriesProfile> Profiles => _profiles.AsSpan(0, Count);

    /// <summary>The base values, in series order.</summary>
    public ReadOnlySpan<double> BaseValues => _baseValues.AsSpan(0, Count);

    /// <summary>Per series: how many constant ones stand in a row from here, where a row begins here; else 0.</summary>
    public ReadOnlySpan<byte> Runs => _runs.AsSpan(0, Count);

    /// <summary>Per series: where its levels are kept for those that follow it; -1 where none does.</summary>
    public ReadOnlySpan<int> LeaderSlots => _leaderSlots.AsSpan(0, Count);

    /// <summary>Room for a number of profiles, to be filled before <see cref="Complete"/>.</summary>
    public Span<SeriesProfile> Reset(int count)
    {
        if (_profiles.Length < count)
        {
            _profiles = new SeriesProfile[count];
            _baseValues = new double[count];
            _runs = new byte[count];
            _leaderSlots = new int[count];
        }

        Count = count;
        return _profiles.AsSpan(0, count);
    }

    /// <summary>Derives the rest from the profiles.</summary>
    public void Complete()
    {
        Leaders = 0;
        _leaderSlots.AsSpan(0, Count).Fill(-1);
        for (int s = 0; s < Count; s++)
        {
            ref SeriesProfile profile = ref _profiles[s];
            profile.BaseValue = NumberForm.ToDouble(profile.Base, profile.Form);
            _baseValues[s] = profile.BaseValue;
            if (profile.Twin >= 0 && _leaderSlots[profile.Twin] < 0) _leaderSlots[profile.Twin] = Leaders++;
        }

        for (int s = 0; s < Count;)
        {
            int run = 0;
            while (s + run < Count && run < MaxRun && _profiles[s + run] is { Constant: true, Absent: false }) run++;
            _runs[s] = (byte)run;
            if (run > 1) _runs.AsSpan(s + 1, run - 1).Clear();
            s += Math.Max(1, run);
        }
    }
}
