using System.Text;

namespace Weir.Agent.Collectors.Processes;

/// <summary>Makes an executable's name fit to be an attribute: the same bytes always give the same text.</summary>
/// <remarks>Bytes that are no UTF-8 and control characters become <c>?</c>; at most <see cref="MaxLength"/> characters are kept; an empty name is <c>?</c>. Blanks, quotes and parentheses stay.</remarks>
internal static class ProcessNameText
{
    /// <summary>Most characters of a name.</summary>
    public const int MaxLength = 128;

    /// <summary>Of UTF-8.</summary>
    public static string Of(ReadOnlySpan<byte> name) => Clean(Encoding.UTF8.GetString(name));

    /// <summary>Of UTF-16.</summary>
    public static string Of(ReadOnlySpan<char> name) => Clean(new string(name));

    private static string Clean(string name)
    {
        var text = new StringBuilder(Math.Min(name.Length, MaxLength));
        foreach (Rune rune in name.EnumerateRunes())
        {
            Rune kept = rune == Rune.ReplacementChar || Rune.IsControl(rune) ? new Rune('?') : rune;
            if (text.Length + kept.Utf16SequenceLength > MaxLength) break;
            text.Append(kept.ToString());
        }

        return text.Length == 0 ? "?" : text.ToString();
    }
}
