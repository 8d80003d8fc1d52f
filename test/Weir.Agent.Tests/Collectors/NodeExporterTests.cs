using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>The agent's values beside those of prometheus-node-exporter, of the same machine at the same time.</summary>
/// <remarks>
/// A counter lies between their readings before and after ours, in every round; one that begins with the agent has grown by what theirs have since the first round. A gauge may move in between: it lies within its tolerance of them in one round at least. A pair that
/// no series has on one of the sides is listed; too few that have one fail the test as vacuous, and so does a family of theirs that is neither compared nor listed as left out.
/// </remarks>
public sealed class NodeExporterTests
{
    private const int Rounds = 12;

    // A small virtual machine has more than this; what hardware adds comes on top.
    private const int LeastPairs = 100;

    [Fact]
    public async Task Values_lie_between_two_readings_of_node_exporter()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(NodeExporter.Program), "prometheus-node-exporter is not installed: apt-get install prometheus-node-exporter");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using NodeExporter exporter = await NodeExporter.StartAsync(cancellation);
        SourcedCollector[] collectors = [.. CollectorCatalog.All.Select(static info => info.TryCreate(CollectorContext.Default, NullLogger.Instance)).OfType<SourcedCollector>()];
        Columns[] columns = [.. collectors.Select(static _ => new Columns())];
        var matched = new HashSet<NodePair>();
        var good = new HashSet<string>();
        var bad = new Dictionary<string, string>();
        var wrong = new List<string>();
        var begins = new Dictionary<string, (double Ours, double Low, double High)>();
        for (int round = 0; round < Rounds; round++)
        {
            IReadOnlyList<NodeSample> before = await exporter.ReadAsync(cancellation);
            for (int i = 0; i < collectors.Length; i++) LinuxTree.Tick(collectors[i], columns[i]);
            IReadOnlyList<NodeSample> after = await exporter.ReadAsync(cancellation);
            foreach (Columns one in columns.Where(static one => one.Count > 0)) Compare(one, before, after);
        }

        foreach (SourcedCollector collector in collectors) collector.Dispose();
        foreach (NodePair pair in NodePairs.All.Where(pair => !matched.Contains(pair))) TestContext.Current.TestOutputHelper?.WriteLine($"on one side only: {pair.Ours} {pair.Where} = {pair.Theirs} {pair.Labels}");
        Assert.Empty(wrong);
        Assert.Empty(bad.Where(pair => !good.Contains(pair.Key)).Select(static pair => pair.Value));
        Assert.True(matched.Count >= LeastPairs, $"only {matched.Count} of {NodePairs.All.Count} pairs have a series on both sides");
        TestContext.Current.TestOutputHelper?.WriteLine($"{matched.Count} of {NodePairs.All.Count} pairs have a series on both sides");

        var compared = NodePairs.All.SelectMany(static pair => pair.Families).ToHashSet();
        IEnumerable<string> theirs = (await exporter.ReadAsync(cancellation)).Select(static sample => sample.Name).Where(static name => name.StartsWith("node_", StringComparison.Ordinal));
        Assert.DoesNotContain(theirs, family => !compared.Contains(family) && !NodePairs.IsKnown(family));

        void Compare(Columns one, IReadOnlyList<NodeSample> before, IReadOnlyList<NodeSample> after)
        {
            var schema = new Schema(one.Parts);
            for (int s = 0; s < one.Count; s++)
            {
                if (one.States[s] != Columns.Present) continue;
                Metric metric = schema.MetricOf(s);
                SeriesAttribute[] attributes = schema.AttributesOf(s);
                if (NodePairs.All.FirstOrDefault(pair => pair.Takes(metric, attributes)) is not { } pair) continue;
                if (pair.ValueOf(before, attributes) is not { } low || pair.ValueOf(after, attributes) is not { } high) continue;
                matched.Add(pair);
                string series = $"{metric.Name} {string.Join(' ', attributes)}";
                double value = one.Values[s];
                if (pair.IsSinceStart)
                {
                    // Ours was read between their two readings of that round, too: they have grown by no less than what came after the later one, and no more than since the earlier.
                    if (begins.TryAdd(series, (value, low, high))) continue;
                    (double ours, double firstLow, double firstHigh) = begins[series];
                    (value, low, high) = (value - ours, low - firstHigh, high - firstLow);
                }

                string said = string.Create(CultureInfo.InvariantCulture, $"{series}: {value:R}, theirs {low:R} and {high:R}");
                bool isCounter = metric.Kind == MetricKind.Counter;
                double slack = isCounter ? pair.Tolerance : pair.Tolerance * Math.Max(1, Math.Abs(high));
                // They add and scale in another order: the last digits differ.
                slack += 1e-9 * Math.Abs(high);
                bool fits = value >= Math.Min(low, high) - slack && value <= Math.Max(low, high) + slack;
                if (fits) good.Add(series);
                else if (isCounter) wrong.Add(said);
                else bad[series] = said;
            }
        }
    }
}
