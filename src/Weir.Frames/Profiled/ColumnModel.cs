using System.Numerics;

namespace Weir.Frames.Profiled;

/// <summary>What a profile means for one column of one frame.</summary>
internal readonly ref struct ColumnModel
{
    /// <summary>Makes it.</summary>
    /// <param name="profile">The series' profile.</param>
    /// <param name="isLevels">Whether the column is in multiples of the quantum.</param>
    /// <param name="follows">Whether it follows its twin.</param>
    /// <param name="age">Ticks from the base to the first tick, from 1.</param>
    public ColumnModel(in SeriesProfile profile, bool isLevels, bool follows, int age)
    {
        // What the profile counts in quanta counts in units here: the same sizes, as far as powers of two can say.
        long scale = isLevels ? 1 : profile.Quantum;
        int shift = BitOperations.Log2((ulong)scale);
        Step = profile.Predictor == Predictor.Rate ? profile.StepRate * scale : 0;
        FirstLevel = (profile.Rate * scale * age) >> 8;
        Spread = profile.Spread;
        Center = profile.Center + shift;
        AfterMove = ProfileTables.SignsAt(profile.ZeroAfterMove, profile.Sign);
        AfterZero = ProfileTables.SignsAt(profile.ZeroAfterZero, profile.Sign);
        FirstSpread = profile.FirstSpread;
        FirstCenter = profile.FirstCenter + shift + ((profile.Growth * ProfileTables.Sixteenth(age)) >> 5);
        FirstSigns = follows ? ProfileTables.SignsAt(profile.ZeroAfterZero, sign: 1) : ProfileTables.FirstSigns;
    }

    /// <summary>The step that is expected where no twin is followed.</summary>
    public long Step { get; }

    /// <summary>The level that is expected at the first tick where no twin is followed.</summary>
    public long FirstLevel { get; }

    /// <summary>Table of magnitudes.</summary>
    public int Spread { get; }

    /// <summary>Usual magnitude.</summary>
    public int Center { get; }

    /// <summary>Table of the first tick's magnitude.</summary>
    public int FirstSpread { get; }

    /// <summary>Its usual value.</summary>
    public int FirstCenter { get; }

    /// <summary>Zero and negative behind a residual that is not zero.</summary>
    public uint AfterMove { get; }

    /// <summary>Zero and negative behind a zero.</summary>
    public uint AfterZero { get; }

    /// <summary>Zero and negative of the first tick's residual.</summary>
    public uint FirstSigns { get; }
}
