using System.Globalization;

namespace Weir.Console;

/// <summary>Numbers and times as pages show them.</summary>
internal static class ConsoleText
{
    /// <summary>An age: <c>now</c>, <c>12 s ago</c>, <c>3 min ago</c>, <c>5 h ago</c>, <c>2 d ago</c>.</summary>
    public static string Age(long ms)
    {
        long seconds = ms / 1000;
        return seconds switch
        {
            < 3 => "now",
            < 120 => Invariant($"{seconds} s ago"),
            < 7200 => Invariant($"{seconds / 60} min ago"),
            < 172_800 => Invariant($"{seconds / 3600} h ago"),
            _ => Invariant($"{seconds / 86_400} d ago"),
        };
    }

    /// <summary>A count with separators.</summary>
    public static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
