using System.Text.RegularExpressions;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>One step of relabelling: what <c>metric_relabel_configs</c> of Prometheus does, without <c>hashmod</c>.</summary>
/// <remarks>
/// Applied to the labels of a sample, its name under <see cref="NameLabel"/> among them, when a series is met first; never in the steady state. Immutable, safe to share.
/// </remarks>
internal sealed record RelabelRule
{
    /// <summary>The label under which a sample's name is found.</summary>
    public const string NameLabel = "__name__";

    /// <summary>What it does.</summary>
    public RelabelAction Action { get; init; }

    /// <summary>The labels whose values, joined, are matched.</summary>
    public IReadOnlyList<string> SourceLabels { get; init => field = new EqualList<string>(value); } = EqualList<string>.Empty;

    /// <summary>What joins them.</summary>
    public string Separator { get; init; } = ";";

    /// <summary>What is matched.</summary>
    public LabelPattern Pattern { get; init; } = LabelPattern.Any;

    /// <summary>The label that is set.</summary>
    public Replacement Target { get; init; } = new("");

    /// <summary>What it is set to.</summary>
    public Replacement Value { get; init; } = new("$1");

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
