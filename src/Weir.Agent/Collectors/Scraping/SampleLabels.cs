using System.Text;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Makes the attributes of a series from the labels of a sample: adds <c>job</c> and <c>instance</c>, keeps clear of the host's, relabels, looks at the limits.</summary>
/// <param name="target">The target.</param>
/// <param name="hostLabels">Names of the labels that all series of the host carry.</param>
internal sealed class SampleLabels(ScrapeTarget target, IReadOnlyList<string> hostLabels)
{
    private const string Job = "job", Instance = "instance", Exported = "exported_", Internal = "__";

    private readonly int _maxLabels = FrameLimits.MaxAttributes - hostLabels.Count;

    /// <summary>What becomes of a sample.</summary>
    public enum Outcome
    {
        /// <summary>It is a sample of a series.</summary>
        Kept,

        /// <summary>A rule drops it.</summary>
        Dropped,

        /// <summary><see cref="ScrapeDrop.Limit"/>.</summary>
        OverLimit,

        /// <summary><see cref="ScrapeDrop.Invalid"/>.</summary>
        Invalid,
    }

    /// <summary>Applies all of it in place.</summary>
    /// <remarks>
    /// As Prometheus does with what a target says of <c>job</c> and <c>instance</c>, a label that is called like one of ours becomes <c>exported_</c>..., before
    /// the rules, and again after them for those of the host. Labels that begin with two underscores are for the rules alone and end here.
    /// </remarks>
    public Outcome Apply(SortedDictionary<string, string> labels)
    {
        Export(labels, Job);
        Export(labels, Instance);
        foreach (string label in hostLabels) Export(labels, label);
        labels[Job] = target.Name;
        labels[Instance] = target.Instance;
        foreach (RelabelRule rule in target.Relabel)
            if (!rule.Apply(labels)) return Outcome.Dropped;
        foreach (string label in hostLabels) Export(labels, label);
        foreach (string label in labels.Keys.Where(static label => label != RelabelRule.NameLabel && label.StartsWith(Internal, StringComparison.Ordinal)).ToArray()) labels.Remove(label);
        if (!PrometheusSyntax.IsMetricName(labels.GetValueOrDefault(RelabelRule.NameLabel, ""))) return Outcome.Invalid;
        return IsWithinLimits(labels) ? Outcome.Kept : Outcome.OverLimit;
    }

    private static void Export(SortedDictionary<string, string> labels, string label)
    {
        if (!labels.Remove(label, out string? value)) return;
        string exported = Exported + label;
        while (labels.ContainsKey(exported)) exported = Exported + exported;
        labels[exported] = value;
    }

    private bool IsWithinLimits(SortedDictionary<string, string> labels)
    {
        // The name is one of them and no attribute.
        if (labels.Count - 1 > _maxLabels) return false;
        foreach ((string label, string value) in labels)
        {
            if (Encoding.UTF8.GetByteCount(label) > FrameLimits.MaxNameBytes) return false;
            if (Encoding.UTF8.GetByteCount(value) > (label == RelabelRule.NameLabel ? FrameLimits.MaxNameBytes : FrameLimits.MaxValueBytes)) return false;
        }

        return true;
    }
}
