using System.Globalization;

namespace Weir.Query.Http;

/// <summary>Times and durations in requests: RFC 3339 or Unix seconds; durations or seconds.</summary>
public static class RequestTimes
{
    // Four-digit years: beyond it is a mistake, and times in ms stay far from overflow.
    private const double MaxSeconds = 253_402_300_799;

    /// <summary>Reads a time.</summary>
    public static bool TryParseTime(string text, out long ms)
    {
        ms = 0;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
        {
            if (!double.IsFinite(seconds) || Math.Abs(seconds) > MaxSeconds) return false;
            ms = (long)Math.Round(seconds * 1000);
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) || !text.Contains('T', StringComparison.OrdinalIgnoreCase)) return false;
        ms = time.ToUnixTimeMilliseconds();
        return true;
    }

    /// <summary>Reads a duration.</summary>
    public static bool TryParseDuration(string text, out long ms)
    {
        if (DurationText.TryParseMs(text, out ms)) return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) || !double.IsFinite(seconds) || Math.Abs(seconds) > MaxSeconds) return false;
        ms = (long)Math.Round(seconds * 1000);
        return true;
    }
}
