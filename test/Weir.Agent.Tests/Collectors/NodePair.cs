using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>A quantity that the agent and node_exporter both have.</summary>
/// <param name="Ours">Our metric.</param>
/// <param name="Where">Attributes that it must have: <c>name=value</c>, blanks between.</param>
/// <param name="Theirs">Their metrics, added and taken away: <c>a + b - c</c>. All their series with the labels are added.</param>
/// <param name="Labels">Labels that theirs must have: <c>label=value</c>, or <c>label=$attribute</c> for what ours has.</param>
/// <param name="Scale">What theirs is multiplied by.</param>
/// <param name="Tolerance">How far ours may lie outside their two readings. Gauge: this part of their value, or of 1 where that is more. Counter: this much.</param>
internal sealed record NodePair(string Ours, string Where, string Theirs, string Labels, double Scale = 1, double Tolerance = 0)
{
    /// <summary>Whether ours counts since its first reading: then growth is compared, of ours since the first round that had both.</summary>
    public bool IsSinceStart { get; init; }

    /// <summary>Whether a series of ours is of this pair.</summary>
    public bool Takes(Metric metric, SeriesAttribute[] attributes) =>
        metric.Name == Ours && Pairs(Where).All(wanted => attributes.Any(attribute => attribute.Key == wanted.Name && attribute.Value == wanted.Value));

    /// <summary>The families of theirs.</summary>
    public IEnumerable<string> Families => Theirs.Split(' ').Where(static word => word is not ("+" or "-"));

    /// <summary>Their value for a series of ours; null where they have none.</summary>
    public double? ValueOf(IReadOnlyList<NodeSample> theirs, SeriesAttribute[] attributes)
    {
        (string Name, string Value)[] labels =
            [.. Pairs(Labels).Select(label => label.Value.StartsWith('$') ? (label.Name, attributes.SingleOrDefault(attribute => attribute.Key == label.Value[1..]).Value ?? "") : label)];
        double sum = 0;
        double sign = 1;
        foreach (string word in Theirs.Split(' '))
        {
            if (word is "+" or "-")
            {
                sign = word == "+" ? 1 : -1;
                continue;
            }

            NodeSample[] found = [.. theirs.Where(sample => sample.Name == word && labels.All(label => sample.Labels.Any(has => has.Key == label.Name && has.Value == label.Value)))];
            if (found.Length == 0) return null;
            sum += sign * found.Sum(static sample => sample.Value);
        }

        return sum * Scale;
    }

    private static IEnumerable<(string Name, string Value)> Pairs(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=')).Select(static pair => (pair[0], pair[1]));
}
