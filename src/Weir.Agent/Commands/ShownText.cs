using System.Globalization;
using System.Text;

namespace Weir.Agent.Commands;

/// <summary>What others wrote, as a terminal may show it: one line, without what it would take for an order, or what shows the line in another one (U+202E).</summary>
internal static class ShownText
{
    /// <summary>A text with one blank for each run of blanks, control and format characters.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">Most characters; an ellipsis stands for the rest.</param>
    public static string Of(string text, int most = int.MaxValue)
    {
        var line = new StringBuilder(Math.Min(text.Length, most));
        bool isBlank = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isNext = Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;
            if (isNext && isBlank) continue;
            isBlank = isNext;
            if (line.Length >= most) return line.Append('…').ToString();
            line.Append(isNext ? " " : rune.ToString());
        }

        return line.ToString();
    }
}
