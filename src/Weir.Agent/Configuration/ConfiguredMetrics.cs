using Weir.Agent.Collectors;

namespace Weir.Agent.Configuration;

/// <summary>What names and units an operator may give to metrics of his own, whichever collector brings them.</summary>
internal static class ConfiguredMetrics
{
    /// <summary>What a collector of his own may be called.</summary>
    public const string NameForm = "1 to 64 lower-case letters, digits, - and _";

    /// <summary>The kinds of a metric; the first is the default.</summary>
    public static readonly string[] Kinds = ["gauge", "counter"];

    private const int MaxNameLength = 64;

    /// <summary>The names of all metrics that the agent's own collectors have.</summary>
    public static HashSet<string> Own() => new(
        CollectorCatalog.All.SelectMany(static info => info.Linux.Concat(info.Windows)).SelectMany(static source => source.Templates).SelectMany(static template => template.Metrics).Select(static metric => metric.Name),
        StringComparer.Ordinal);

    /// <summary>The kind that a word of <see cref="Kinds"/> means.</summary>
    public static MetricKind KindOf(string word) => word == Kinds[0] ? MetricKind.Gauge : MetricKind.Counter;

    /// <summary>Whether a text is of <see cref="NameForm"/>.</summary>
    public static bool TryName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxNameLength && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
    }

    /// <summary>Whether a text may name a metric: lower-case words with dots, not of the agent itself.</summary>
    public static bool TryMetric(string text, out string value)
    {
        value = text;
        return IsDotted(text) && !text.StartsWith("weir.", StringComparison.Ordinal);
    }

    /// <summary>Whether a text may be a unit.</summary>
    public static bool TryUnit(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxNameLength && text.All(static c => char.IsAscii(c) && !char.IsWhiteSpace(c) && !char.IsControl(c));
    }

    /// <summary>Whether a text is lower-case words with dots between them.</summary>
    public static bool IsDotted(string text) =>
        text.Length <= FrameLimits.MaxNameBytes && text.Split('.').All(static word => word.Length > 0 && char.IsAsciiLetterLower(word[0]) && word.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'));
}
