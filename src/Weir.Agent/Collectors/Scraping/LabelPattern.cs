using System.Text.RegularExpressions;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>An expression of a relabelling rule: matches all of a text, without going back, so that no pattern hangs on any text. Equal to another of the same text.</summary>
internal sealed class LabelPattern : Regex
{
    /// <summary>Most characters of an expression.</summary>
    public const int MaxLength = 1024;

    /// <summary>Makes an expression.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    /// <exception cref="NotSupportedException">It needs going back: lookaround, back references, atomic groups.</exception>
    public LabelPattern(string text)
        // Prometheus writes named groups (?P<name>...).
        : base($@"\A(?:{text.Replace("(?P<", "(?<", StringComparison.Ordinal)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline)
    {
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LabelPattern other && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
