using System.Text.RegularExpressions;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>An expression of a relabelling rule: matches all of a text, without going back, so that no pattern hangs on any text. Equal to another of the same text.</summary>
internal sealed class LabelPattern
{
    /// <summary>Most characters of an expression.</summary>
    public const int MaxLength = 1024;

    private readonly string _text;
    private readonly Regex _regex;

    /// <summary>Makes an expression.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    /// <exception cref="NotSupportedException">It needs going back: lookaround, back references, atomic groups.</exception>
    public LabelPattern(string text)
    {
        _text = text;
        // Prometheus writes named groups (?P<name>...).
        _regex = new Regex($@"\A(?:{text.Replace("(?P<", "(?<", StringComparison.Ordinal)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    /// <summary>Any text, as a group.</summary>
    public static LabelPattern Any { get; } = new("(.*)");

    /// <summary>Whether a text matches.</summary>
    public bool IsMatch(string text) => _regex.IsMatch(text);

    /// <summary>Matches a text.</summary>
    public Match Match(string text) => _regex.Match(text);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LabelPattern other && _text == other._text;

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);
}
