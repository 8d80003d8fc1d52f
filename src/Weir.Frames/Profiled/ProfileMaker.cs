using System.Runtime.InteropServices;

namespace Weir.Frames.Profiled;

/// <summary>Makes profiles from what series did in a window.</summary>
/// <remarks>Reuses its memory; not thread-safe. What it chooses decides how short frames get, never whether they are right.</remarks>
internal sealed class ProfileMaker
{
    /// <summary>Most series that follow one another: whoever reads one of them reads them all.</summary>
    public const int MaxFollowing = 64;

    private readonly StepStatistics _steps = new();
    private readonly FirstTickStatistics _firstTick = new();
    private readonly TwinFinder _twins = new();
    private double[] _packed = [];
    private long[] _levels = [];
    private int[] _roots = [];
    private int[] _following = [];
    private int _ticks;

    /// <summary>Makes the profiles of all series.</summary>
    /// <param name="window">The values; at least one tick.</param>
    /// <param name="baseIsFirst">Whether the base is each series' first value in the window (strips); else its last (baselines).</param>
    /// <param name="target">Receives the profiles.</param>
    public void Make(in ColumnSource window, bool baseIsFirst, ProfileSet target)
    {
        int series = window.Series, ticks = window.Ticks;
        Span<SeriesProfile> profiles = target.Reset(series);
        if (_levels.Length < series * ticks) _levels = new long[(series + (series / 8)) * ticks];
        if (_packed.Length < ticks) _packed = new double[ticks];
        _ticks = ticks;
        _twins.Reset(series);
        if (_roots.Length < series) (_roots, _following) = (new int[series], new int[series]);
        for (int s = 0; s < series; s++)
        {
            ReadOnlySpan<double> values = window.Missing == 0 ? window.ValuesOf(s) : window.PresentValuesOf(s, _packed);
            profiles[s] = MakeOne(s, values, baseIsFirst, profiles[..s], isWhole: values.Length == ticks);
            profiles[s].Absent = baseIsFirst ? values.IsEmpty : window.PresentOf(s)[^1] == 0;
            _roots[s] = profiles[s].Twin < 0 ? s : _roots[profiles[s].Twin];
            _following[s] = 0;
            _following[_roots[s]]++;
        }

        target.Complete();
    }

    /// <summary>The series that a series follows in the end; itself where it follows none. Of the profiles made last.</summary>
    public int RootOf(int series) => _roots[series];

    private SeriesProfile MakeOne(int series, ReadOnlySpan<double> values, bool baseIsFirst, ReadOnlySpan<SeriesProfile> earlier, bool isWhole)
    {
        SeriesProfile profile = SeriesProfile.Still;
        if (values.IsEmpty) return profile;
        double baseValue = values[baseIsFirst ? 0 : ^1];
        if (!MemoryMarshal.Cast<double, long>(values).ContainsAnyExcept(BitConverter.DoubleToInt64Bits(baseValue)))
        {
            profile.Form = NumberForm.FormOf(baseValue);
            NumberForm.TryToInteger(baseValue, profile.Form, out profile.Base);
            return profile;
        }

        Span<long> levels = LevelsOf(series, values.Length);
        profile.Constant = false;
        profile.Form = FormOf(values);
        for (int t = 0; t < levels.Length; t++) NumberForm.TryToInteger(values[t], profile.Form, out levels[t]);
        profile.Base = levels[baseIsFirst ? 0 : ^1];
        profile.Quantum = QuantumFinder.Find(levels);
        foreach (ref long level in levels) level = (level - profile.Base) / profile.Quantum;
        profile.Rate = RateOf(levels);
        int twin = isWhole ? _twins.FindAndAdd(series, profile, levels) : -1;
        bool twinFits = twin >= 0 && earlier[twin].Form == profile.Form && earlier[twin].Quantum == profile.Quantum && _following[_roots[twin]] < MaxFollowing;
        ChoosePredictor(levels, twinFits ? twin : -1, ref profile);
        if (!baseIsFirst) _firstTick.Choose(levels, profile.Twin < 0 ? default : LevelsOf(profile.Twin, levels.Length), ref profile);
        return profile;
    }

    private void ChoosePredictor(ReadOnlySpan<long> levels, int twin, ref SeriesProfile profile)
    {
        long best = long.MaxValue;
        SeriesProfile chosen = profile;
        for (Predictor predictor = Predictor.None; predictor <= Predictor.Twin; predictor++)
        {
            if (predictor == Predictor.Rate && profile.StepRate == 0) continue;
            if (predictor == Predictor.Twin && twin < 0) continue;
            ReadOnlySpan<long> leader = predictor == Predictor.Twin ? LevelsOf(twin, levels.Length) : default;
            long rate = predictor == Predictor.Rate ? profile.StepRate : 0;
            _steps.Clear();
            for (int t = 1; t < levels.Length; t++)
                _steps.Add(levels[t] - levels[t - 1] - (leader.IsEmpty ? rate : leader[t] - leader[t - 1]));
            SeriesProfile candidate = profile;
            candidate.Predictor = predictor;
            candidate.Twin = predictor == Predictor.Twin ? twin : -1;
            long length = _steps.Choose(ref candidate);
            if (length >= best) continue;
            best = length;
            chosen = candidate;
        }

        profile = chosen;
    }

    private Span<long> LevelsOf(int series, int count) => _levels.AsSpan(series * _ticks, count);

    // The shortest decimal form of all values; a value that has a form has every longer one.
    private static byte FormOf(ReadOnlySpan<double> values)
    {
        byte form = 0;
        foreach (double value in values)
            if (!NumberForm.TryToInteger(value, form, out _)) form = Math.Max(form, NumberForm.FormOf(value));
        foreach (double value in values)
            if (!NumberForm.TryToInteger(value, form, out _)) return NumberForm.Raw;
        return form;
    }

    private static long RateOf(ReadOnlySpan<long> levels)
    {
        Int128 growth = ((Int128)levels[^1] - levels[0]) * 256 / (levels.Length - 1);
        return growth > long.MaxValue || growth < long.MinValue ? 0 : (long)growth;
    }
}
