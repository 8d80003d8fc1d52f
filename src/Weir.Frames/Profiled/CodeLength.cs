namespace Weir.Frames.Profiled;

/// <summary>What the coder would spend, in 1/256 bits: how profiles are chosen. Nothing of it travels, so it may be computed in floating point.</summary>
internal static class CodeLength
{
    /// <summary>One bit.</summary>
    public const int Bit = 256;

    private static readonly int[] OfProbability = MakeProbabilities();
    private static readonly int[] OfSymbol = MakeSymbols();

    /// <summary>Length of an outcome of this probability, of 4,096.</summary>
    public static int Of(int probability) => OfProbability[probability];

    /// <summary>Length of a magnitude's symbol, the escape's raw bits included; the magnitude's own low bits are not.</summary>
    /// <param name="spread">The table.</param>
    /// <param name="offset">How far the magnitude lies above the centre.</param>
    public static int OfMagnitude(int spread, int offset)
    {
        int symbol = offset + ProfileTables.CenterSymbol;
        return OfSymbol[(spread * 32) + ((uint)symbol < ProfileTables.Escape ? symbol : ProfileTables.Escape)];
    }

    private static int[] MakeProbabilities()
    {
        var lengths = new int[ProfileTables.One + 1];
        for (int p = 1; p < lengths.Length; p++) lengths[p] = (int)Math.Round(-Math.Log2(p / (double)ProfileTables.One) * Bit);
        lengths[0] = int.MaxValue / 4;
        return lengths;
    }

    private static int[] MakeSymbols()
    {
        var lengths = new int[ProfileTables.Spreads * 32];
        for (int spread = 0; spread < ProfileTables.Spreads; spread++)
            for (int symbol = 0; symbol < ProfileTables.Symbols; symbol++)
                lengths[(spread * 32) + symbol] = OfProbability[ProfileTables.FrequencyOf(spread, symbol)] + (symbol == ProfileTables.Escape ? 6 * Bit : 0);
        return lengths;
    }
}
