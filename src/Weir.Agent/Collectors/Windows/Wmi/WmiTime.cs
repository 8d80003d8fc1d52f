using System.Globalization;

namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>CIM times: <c>20260131235959.500000+060</c> (minutes from UTC), and spans: <c>00000003120000.000000:000</c> (3 days, 12 hours).</summary>
internal static class WmiTime
{
    private const int Length = 25;
    private const int DigitsOfMoment = 14;
    private const int SignAt = 21;

    /// <summary>Reads a time as seconds since the Unix epoch, or a span as seconds; false where a part is left open (<c>*</c>) or it is neither.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double seconds)
    {
        seconds = 0;
        if (text.Length != Length || text[DigitsOfMoment] != '.') return false;
        if (!TryNumber(text[(DigitsOfMoment + 1)..SignAt], out int micros) || !TryNumber(text[(SignAt + 1)..], out int offsetMinutes)) return false;
        char sign = text[SignAt];
        if (sign == ':') return TrySpan(text, micros, out seconds);
        if (sign is not ('+' or '-')) return false;
        if (!DateTime.TryParseExact(text[..DigitsOfMoment], "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime local)) return false;
        double minutes = sign == '+' ? offsetMinutes : -offsetMinutes;
        seconds = (local - DateTime.UnixEpoch).TotalSeconds + (micros / 1e6) - (minutes * 60);
        return true;
    }

    private static bool TrySpan(ReadOnlySpan<char> text, int micros, out double seconds)
    {
        seconds = 0;
        if (!TryNumber(text[..8], out int days) || !TryNumber(text[8..10], out int hours) || !TryNumber(text[10..12], out int minutes) || !TryNumber(text[12..14], out int rest)) return false;
        seconds = (((((days * 24.0) + hours) * 60) + minutes) * 60) + rest + (micros / 1e6);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
