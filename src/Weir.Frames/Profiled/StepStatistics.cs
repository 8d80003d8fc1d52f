namespace Weir.Frames.Profiled;

/// <summary>What residuals under one predictor look like, and the profile fields that code them shortest. Reused; not thread-safe.</summary>
internal sealed class StepStatistics
{
    private readonly MagnitudeHistogram _magnitudes = new();
    private readonly int[] _zeros = new int[2];
    private readonly int[] _moves = new int[2];
    private int _negative;
    private int _before;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _magnitudes.Clear();
        _zeros.AsSpan().Clear();
        _moves.AsSpan().Clear();
        (_negative, _before) = (0, 0);
    }

    /// <summary>Counts the next residual.</summary>
    public void Add(long residual)
    {
        if (residual == 0)
        {
            _zeros[_before]++;
            _before = 1;
            return;
        }

        _moves[_before]++;
        _before = 0;
        if (residual < 0) _negative++;
        _magnitudes.Add(residual, growth: 0);
    }

    /// <summary>Chooses the fields.</summary>
    /// <returns>The length of all that was counted, in 1/256 bits.</returns>
    public long Choose(ref SeriesProfile profile)
    {
        int moves = _moves[0] + _moves[1];
        profile.Sign = moves > 0 && _negative * 100 < moves * 3 ? (byte)0 : moves > 0 && (moves - _negative) * 100 < moves * 3 ? (byte)2 : (byte)1;
        long length = ChooseLevel(0, SeriesProfile.Still.ZeroAfterMove, out profile.ZeroAfterMove);
        length += ChooseLevel(1, SeriesProfile.Still.ZeroAfterZero, out profile.ZeroAfterZero);
        int share = (int)(ProfileTables.SignsAt(SeriesProfile.Still.ZeroAfterMove, profile.Sign) >> 16);
        int rest = ProfileTables.One - ProfileTables.ZeroAt(SeriesProfile.Still.ZeroAfterMove);
        length += (long)_negative * CodeLength.Of(Math.Max(1, share * ProfileTables.One / rest));
        length += (long)(moves - _negative) * CodeLength.Of(Math.Max(1, ProfileTables.One - (share * ProfileTables.One / rest)));
        return length + _magnitudes.LowBits + _magnitudes.Choose(out profile.Spread, out profile.Center);
    }

    // Each count is smoothed by 0.4: a short window must not promise certainty.
    private long ChooseLevel(int before, byte unknown, out byte level)
    {
        level = unknown;
        if (_zeros[before] + _moves[before] == 0) return 0;
        long zeros = (10L * _zeros[before]) + 4, moves = (10L * _moves[before]) + 4, best = long.MaxValue;
        for (int l = 0; l < ProfileTables.ZeroLevels; l++)
        {
            int zero = ProfileTables.ZeroAt(l);
            long length = (zeros * CodeLength.Of(zero)) + (moves * CodeLength.Of(ProfileTables.One - zero));
            if (length >= best) continue;
            best = length;
            level = (byte)l;
        }

        return best / 10;
    }
}
