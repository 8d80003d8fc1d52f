using System.Text.RegularExpressions;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>One step of relabelling: what <c>metric_relabel_configs</c> of Prometheus does, without <c>hashmod</c>.</summary>
/// <remarks>
/// Applied to the labels of a sample, its name under <see cref="NameLabel"/> among them, when a series is met first; never in the steady state. The expression
/// matches all of a text. It is matched without going back, so that no pattern hangs on any text. Immutable, safe to share.
/// </remarks>
internal sealed class RelabelRule
{
    /// <summary>The label under which a sample's name is found.</summary>
    public const string NameLabel = "__name__";

    /// <summary>Most characters of an expression.</summary>
    public const int MaxPatternLength = 1024;

    /// <summary>What it does.</summary>
    public RelabelAction Action { get; init; }

    /// <summary>The labels whose values, joined, are matched.</summary>
    public IReadOnlyList<string> SourceLabels { get; init; } = [];

    /// <summary>What joins them.</summary>
    public string Separator { get; init; } = ";";

    /// <summary>What is matched.</summary>
    public Regex Pattern { get; init; } = Compile("(.*)");

    /// <summary>The label that is set.</summary>
    public Replacement Target { get; init; } = new("");

    /// <summary>What it is set to.</summary>
    public Replacement Value { get; init; } = new("$1");

    /// <summary>Makes an expression.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    /// <exception cref="NotSupportedException">It needs going back: lookaround, back references, atomic groups.</exception>
    public static Regex Compile(string pattern) => new(
        // Prometheus writes named groups (?P<name>...).
        $@"\A(?:{pattern.Replace("(?P<", "(?<", StringComparison.Ordinal)})\z",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);

    /// <summary>Applies it.</summary>
    /// <param name="labels">The labels, changed in place.</param>
    /// <returns>Whether the sample goes on.</returns>
    public bool Apply(SortedDictionary<string, string> labels)
    {
        switch (Action)
        {
            case RelabelAction.Keep:
                return Pattern.IsMatch(Source(labels));
            case RelabelAction.Drop:
                return !Pattern.IsMatch(Source(labels));
            case RelabelAction.Replace:
                Replace(labels);
                return true;
            case RelabelAction.LabelMap:
                foreach ((string label, string value) in labels.ToArray())
                    if (Pattern.Match(label) is { Success: true } match) Set(labels, Value.Of(match), value);
                return true;
            default:
                foreach (string label in labels.Keys.ToArray())
                    if (Pattern.IsMatch(label) == (Action == RelabelAction.LabelDrop)) labels.Remove(label);
                return true;
        }
    }

    private void Replace(SortedDictionary<string, string> labels)
    {
        if (Pattern.Match(Source(labels)) is { Success: true } match) Set(labels, Target.Of(match), Value.Of(match));
    }

    private static void Set(SortedDictionary<string, string> labels, string label, string value)
    {
        if (!PrometheusSyntax.IsLabelName(label)) return;
        if (value.Length == 0) labels.Remove(label);
        else labels[label] = value;
    }

    private string Source(SortedDictionary<string, string> labels) =>
        string.Join(Separator, SourceLabels.Select(label => labels.GetValueOrDefault(label, "")));
}
