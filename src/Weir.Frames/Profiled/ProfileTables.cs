using System.Numerics;

namespace Weir.Frames.Profiled;

/// <summary>The frozen numbers of codec 1. <c>docs/formats/profiled.md</c> prints them; nothing here is computed in floating point.</summary>
internal static class ProfileTables
{
    /// <summary>Bits of a probability.</summary>
    public const int ProbabilityBits = 12;

    /// <summary>The whole: probabilities are parts of 4,096.</summary>
    public const int One = 1 << ProbabilityBits;

    /// <summary>Symbols of a magnitude: offsets -9 to +8 from the centre, and the escape.</summary>
    public const int Symbols = 19;

    /// <summary>The symbol of a magnitude out of the table's reach; six raw bits give it.</summary>
    public const int Escape = 18;

    /// <summary>The symbol of a magnitude that equals the centre.</summary>
    public const int CenterSymbol = 9;

    /// <summary>Tables of magnitudes.</summary>
    public const int Spreads = 5;

    /// <summary>Levels of a zero's probability.</summary>
    public const int ZeroLevels = 16;

    /// <summary>Probability that a column equals its base throughout, where the profile is constant.</summary>
    public const int ConstantStays = 4088;

    /// <summary>Probability that all columns of a run of constant ones stay.</summary>
    public const int RunStays = 4080;

    /// <summary>The least and the most of <see cref="Stays"/>.</summary>
    public const int LeastStays = 8;

    /// <summary>Probability that the first tick meets its prediction exactly.</summary>
    public const int FirstIsZero = 64;

    /// <summary>Probabilities of a column's mode: <see cref="ColumnMode.Levels"/>, <see cref="ColumnMode.Units"/>, and the rest for <see cref="ColumnMode.Raw"/>.</summary>
    public const int ModeIsLevels = 4064, ModeIsUnits = 16;

    /// <summary>Probability that a series has a value at every tick, where it had one at the base; where it had none.</summary>
    public const int FullIfPresent = 4032, FullIfAbsent = 64;

    /// <summary>Probability that a series without a value at every tick has none at all.</summary>
    public const int NoneIfNotFull = 3072;

    private const int Mixed = 1;

    // Discretised Gaussians with a floor, sigma 0.6, 1, 1.6, 2.6 and 4, a little heavier below the centre.
    private static readonly ushort[][] Frequencies =
    [
        [1, 1, 1, 1, 2, 3, 6, 22, 691, 2675, 668, 11, 1, 1, 1, 1, 1, 1, 8],
        [1, 1, 1, 1, 1, 2, 21, 225, 995, 1617, 981, 219, 18, 1, 1, 1, 1, 1, 8],
        [1, 1, 1, 1, 8, 45, 177, 468, 844, 1011, 835, 465, 175, 45, 8, 1, 1, 1, 8],
        [1, 5, 17, 44, 99, 192, 323, 468, 587, 626, 582, 466, 322, 192, 98, 44, 17, 5, 8],
        [33, 56, 90, 135, 191, 254, 316, 370, 408, 421, 405, 369, 315, 253, 191, 135, 90, 56, 8],
    ];

    private static readonly ushort[] Zero = [8, 18, 42, 96, 214, 460, 919, 1630, 2465, 3176, 3635, 3881, 3999, 4053, 4077, 4087];

    // -log2(Zero / 4096) in 1/65536 bits.
    private static readonly int[] ZeroBits =
        [589824, 513152, 433041, 354880, 279087, 206734, 141301, 87120, 48014, 24052, 11289, 5098, 2266, 998, 440, 208];

    // 4096 x 2^(-i/64).
    private static readonly ushort[] Halving =
    [
        4096, 4052, 4008, 3965, 3922, 3880, 3838, 3797, 3756, 3716, 3676, 3636, 3597, 3558, 3520, 3482,
        3444, 3407, 3371, 3334, 3298, 3263, 3228, 3193, 3158, 3124, 3091, 3057, 3025, 2992, 2960, 2928,
        2896, 2865, 2834, 2804, 2774, 2744, 2714, 2685, 2656, 2627, 2599, 2571, 2543, 2516, 2489, 2462,
        2435, 2409, 2383, 2358, 2332, 2307, 2282, 2258, 2233, 2209, 2186, 2162, 2139, 2116, 2093, 2070,
    ];

    // 16 x log2(1 + i/16), rounded down.
    private static readonly byte[] Sixteenths = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 12, 13, 14, 15];

    // Negative residuals among those that are not zero, by sign class.
    private static readonly ushort[] NegativeShare = [36, 2048, 4060];

    /// <summary>Start | frequency &lt;&lt; 16 of a magnitude's symbol, at spread x 32 + symbol.</summary>
    public static readonly uint[] Magnitudes = MakeMagnitudes();

    /// <summary>The symbol that a position among the 4,096 belongs to, at spread x 4,096 + position.</summary>
    public static readonly byte[] SymbolAt = MakeSymbols();

    /// <summary>Zero's probability | negative's &lt;&lt; 16, at zero level x 3 + sign class.</summary>
    public static readonly uint[] Signs = MakeSigns();

    /// <summary>Probabilities of the first tick's residual.</summary>
    public static readonly uint FirstSigns = Split(FirstIsZero, Mixed);

    /// <summary>Frequency of a magnitude's symbol.</summary>
    public static int FrequencyOf(int spread, int symbol) => Frequencies[spread][symbol];

    /// <summary>Zero's probability at a level.</summary>
    public static int ZeroAt(int level) => Zero[level];

    /// <summary>Probabilities of zero and negative at a zero level, packed as in <see cref="Signs"/>.</summary>
    public static uint SignsAt(int zeroLevel, int sign) => Signs[(zeroLevel * 3) + sign];

    /// <summary>Probability that a column equals its base throughout a frame.</summary>
    /// <param name="zeroLevel">Its zero-after-zero level.</param>
    /// <param name="ticks">Ticks from the base to the end of the frame.</param>
    public static int Stays(int zeroLevel, long ticks)
    {
        long bits = (ZeroBits[zeroLevel] * ticks) >> 1;
        long whole = bits >> 16;
        return whole >= ProbabilityBits ? LeastStays : Math.Clamp(Halving[(bits >> 10) & 63] >> (int)whole, LeastStays, ConstantStays);
    }

    /// <summary>16 x log2 of a distance from the base, from 1.</summary>
    public static int Sixteenth(int age)
    {
        int log = BitOperations.Log2((uint)age);
        int fraction = (log >= 4 ? age >> (log - 4) : age << (4 - log)) & 15;
        return (16 * log) + Sixteenths[fraction];
    }

    private static uint[] MakeMagnitudes()
    {
        var packed = new uint[Spreads * 32];
        for (int spread = 0; spread < Spreads; spread++)
        {
            uint start = 0;
            for (int symbol = 0; symbol < Symbols; symbol++)
            {
                packed[(spread * 32) + symbol] = start | ((uint)Frequencies[spread][symbol] << 16);
                start += Frequencies[spread][symbol];
            }
        }

        return packed;
    }

    private static byte[] MakeSymbols()
    {
        var symbols = new byte[Spreads * One];
        for (int spread = 0, at = 0; spread < Spreads; spread++)
            for (int symbol = 0; symbol < Symbols; symbol++)
                for (int i = 0; i < Frequencies[spread][symbol]; i++) symbols[at++] = (byte)symbol;
        return symbols;
    }

    private static uint[] MakeSigns()
    {
        var signs = new uint[ZeroLevels * 3];
        for (int level = 0; level < ZeroLevels; level++)
            for (int sign = 0; sign < 3; sign++) signs[(level * 3) + sign] = Split(Zero[level], sign);
        return signs;
    }

    private static uint Split(int zero, int sign)
    {
        int rest = One - zero;
        int negative = Math.Clamp((rest * NegativeShare[sign]) >> ProbabilityBits, 1, rest - 1);
        return (uint)zero | ((uint)negative << 16);
    }
}
