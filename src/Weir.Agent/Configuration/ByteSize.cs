using System.Globalization;

namespace Weir.Agent.Configuration;

/// <summary>Sizes as people write them: a whole number, alone or with <c>KiB</c>, <c>MiB</c> or <c>GiB</c>.</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, int Shift)[] Units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("", 0)];

    /// <summary>Reads <c>536870912</c> or <c>512MiB</c>.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach ((string suffix, int shift) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal)) continue;
            if (!long.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long count)) return false;
            if (count > long.MaxValue >> shift) return false;
            bytes = count << shift;
            return true;
        }

        return false;
    }
}
