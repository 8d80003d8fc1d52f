namespace Weir.Query;

/// <summary>Durations of PromQL: whole numbers with units, larger units first, as in <c>1h30m</c>.</summary>
public static class DurationText
{
    private static readonly (string Unit, long Ms)[] Units =
    [
        ("y", 365L * 86_400_000), ("w", 7L * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ];

    /// <summary>Reads a duration.</summary>
    public static bool TryParseMs(string text, out long ms)
    {
        ms = 0;
        int at = 0, unitsFrom = 0;
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            int digitsEnd = at;
            while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
            if (digitsEnd == start || digitsEnd - start > 12) return false;
            int unit = Array.FindIndex(Units, unitsFrom, candidate => text.AsSpan(digitsEnd, at - digitsEnd).SequenceEqual(candidate.Unit));
            if (unit < 0) return false;
            unitsFrom = unit + 1;
            ms += long.Parse(text.AsSpan(start, digitsEnd - start), System.Globalization.CultureInfo.InvariantCulture) * Units[unit].Ms;
            if (ms is < 0 or > 100L * 365 * 86_400_000 * 1000) return false;
        }

        return text.Length > 0;
    }
}
