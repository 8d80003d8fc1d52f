using System.Text;
using System.Text.RegularExpressions;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>A text with references to groups of a match: <c>$1</c>, <c>${1}</c>, <c>$name</c>, <c>${name}</c>, <c>$$</c> for a dollar.</summary>
/// <remarks>A name without braces reaches as far as letters, digits and underscores do, as Prometheus has it: <c>$1x</c> is the group <c>1x</c>. A group that is not there is empty. Equal to another of the same text.</remarks>
internal sealed class Replacement
{
    private readonly List<(string Text, bool IsGroup)> _pieces = [];

    /// <summary>Reads a replacement.</summary>
    public Replacement(string text)
    {
        Text = text;
        var literal = new StringBuilder();
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] != '$' || !TryReference(text, at, out string name, out int end))
            {
                literal.Append(text[at++]);
                continue;
            }

            at = end;
            if (name == "$")
            {
                literal.Append('$');
                continue;
            }

            if (literal.Length > 0) _pieces.Add((literal.ToString(), false));
            literal.Clear();
            _pieces.Add((name, true));
        }

        if (literal.Length > 0) _pieces.Add((literal.ToString(), false));
    }

    /// <summary>As it stands in the configuration.</summary>
    public string Text { get; }

    /// <summary>Whether it refers to a group.</summary>
    public bool HasGroups => _pieces.Exists(static piece => piece.IsGroup);

    /// <summary>The text for a match.</summary>
    public string Of(Match match)
    {
        var text = new StringBuilder();
        foreach ((string piece, bool isGroup) in _pieces) text.Append(isGroup ? match.Groups[piece].Value : piece);
        return text.ToString();
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Replacement other && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static bool TryReference(string text, int dollar, out string name, out int end)
    {
        int start = dollar + 1;
        end = start;
        name = "";
        if (start == text.Length) return false;
        if (text[start] == '$')
        {
            name = "$";
            end = start + 1;
            return true;
        }

        bool braced = text[start] == '{';
        if (braced) start++;
        end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        name = text[start..end];
        if (!braced) return name.Length > 0;
        return name.Length > 0 && end < text.Length && text[end++] == '}';
    }
}
