using System.Globalization;

namespace Weir.Agent.Configuration;

/// <summary>Durations as people write them: a whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
internal static class Duration
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads <c>250ms</c>, <c>1s</c>, <c>5m</c>, <c>1h</c>.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        foreach ((string suffix, TimeSpan unit) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal)) continue;
            if (!int.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count)) continue;
            value = unit * count;
            return true;
        }

        return false;
    }

    /// <summary>Writes a duration in the largest unit that leaves a whole number.</summary>
    public static string Format(TimeSpan value)
    {
        for (int i = Units.Length - 1; i > 0; i--)
        {
            if (value.Ticks % Units[i].Unit.Ticks == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / Units[i].Unit.Ticks}{Units[i].Suffix}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0}ms");
    }
}
