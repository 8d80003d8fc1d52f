namespace Weir.Agent.Collectors.Scraping;

/// <summary>Which names the exposition formats allow.</summary>
internal static class PrometheusSyntax
{
    /// <summary>Whether a text is a name of a metric: <c>[a-zA-Z_:][a-zA-Z0-9_:]*</c>.</summary>
    public static bool IsMetricName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(static c => c == ':' || IsWord(c));

    /// <summary>Whether a text is a name of a label: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>.</summary>
    public static bool IsLabelName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(IsWord);

    private static bool IsWord(char c) => c == '_' || char.IsAsciiLetterOrDigit(c);
}
