using System.Globalization;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>The parts of a sample's line: the series as it is written, and value, time and exemplar after it. Allocates nothing.</summary>
internal static class SampleText
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
    private const int MaxExactDigits = 15;

    /// <summary>How long the series at the start of a line is, its name and braces; -1 where there is none.</summary>
    public static int SeriesLength(ReadOnlySpan<byte> line)
    {
        int name = line.IndexOfAny(" \t{"u8);
        if (name <= 0) return -1;
        int brace = name;
        while (brace < line.Length && line[brace] is (byte)' ' or (byte)'\t') brace++;
        if (brace == line.Length || line[brace] != '{') return name;
        bool quoted = false;
        for (int i = brace + 1; i < line.Length; i++)
        {
            if (quoted && line[i] == '\\') i++;
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == '}' && !quoted) return i + 1;
        }

        return -1;
    }

    /// <summary>Reads what follows the series: a value, then perhaps a time, then perhaps an exemplar.</summary>
    /// <param name="text">From the end of the series on.</param>
    /// <param name="value">The value.</param>
    /// <param name="hasTime">Whether the target gives the sample a time of its own.</param>
    public static bool TryValue(ReadOnlySpan<byte> text, out double value, out bool hasTime)
    {
        hasTime = false;
        if (!TryNumber(Word(ref text), out value)) return false;
        if (text.IsEmpty || text[0] == '#') return IsEmptyOrExemplar(text);
        hasTime = true;
        return TryNumber(Word(ref text), out _) && IsEmptyOrExemplar(text);
    }

    private static bool IsEmptyOrExemplar(ReadOnlySpan<byte> text) => text.IsEmpty || (text[0] == '#' && text[1..].TrimStart(" \t"u8).StartsWith("{"u8));

    private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t"u8);
        int end = text.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[end..].TrimStart(" \t"u8);
        return word;
    }

    private static bool TryNumber(ReadOnlySpan<byte> word, out double value)
    {
        if (TryWhole(word, out value) || double.TryParse(word, Style, CultureInfo.InvariantCulture, out value)) return true;
        ReadOnlySpan<byte> digits = word.StartsWith("+"u8) || word.StartsWith("-"u8) ? word[1..] : word;
        if (!Is(digits, "inf"u8, "INF"u8)) return false;
        value = word[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return true;
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        if (word.Length != lower.Length) return false;
        for (int i = 0; i < word.Length; i++)
            if (word[i] != lower[i] && word[i] != upper[i]) return false;
        return true;
    }

    // Most values are small whole numbers, which a double holds exactly.
    private static bool TryWhole(ReadOnlySpan<byte> word, out double value)
    {
        value = 0;
        if (word.IsEmpty || word.Length > MaxExactDigits) return false;
        long whole = 0;
        foreach (byte digit in word)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            whole = (whole * 10) + (digit - '0');
        }

        value = whole;
        return true;
    }
}
