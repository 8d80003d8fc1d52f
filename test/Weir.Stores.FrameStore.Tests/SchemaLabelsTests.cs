using CsCheck;
using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore.Tests;

public sealed class SchemaLabelsTests
{
    private static readonly string[] Values = ["", "a", "b", "c"];
    private static readonly string[] Patterns = ["", "a", "b", "a|b", ".*", ".+", "nowhere"];

    private static readonly Gen<Schema> AnySchema =
        Gen.Select(Rows(1, 2), Rows(2, 12), static (ones, twos) => new Schema([new SchemaPart(Template("one", ["device"]), ones), new SchemaPart(Template("two", ["device", "mode"]), twos)]));

    private static readonly Gen<LabelMatcher[]> AnyMatchers = Gen.Select(
        OneOf(Labels.MetricName, "device", "mode", "absent"), Gen.Enum<MatchOperator>(),
        Gen.OneOf(OneOf(Patterns), OneOf("test_one_ratio", "test_two_ratio")),
        static (name, comparison, value) => new LabelMatcher(name, comparison, value)).Array[0, 4];

    private static Gen<string> OneOf(params string[] all) => Gen.Int[0, all.Length - 1].Select(i => all[i]);

    private static Template Template(string name, string[] keys) => new(NamingRule.OpenTelemetry, keys, [new Metric($"test.{name}", "1", MetricKind.Gauge)]);

    private static Gen<string[][]> Rows(int keys, int most) =>
        OneOf(Values).Array[keys].Array[1, most].Select(static rows => rows.DistinctBy(static row => string.Join('/', row)).ToArray());

    private static bool Meets(Label[] labels, LabelMatcher matcher) =>
        matcher.Matches(labels.Where(label => label.Name == matcher.Name).Select(static label => label.Value).FirstOrDefault(""));

    [Fact]
    public void Match_AnySchemaAndMatchers_GivesWhatAScanGives()
    {
        int some = 0;
        Gen.Select(AnySchema, AnyMatchers).Sample((schema, matchers) =>
        {
            SchemaLabels labels = SchemaLabels.Of(schema);
            int[] scanned = [.. Enumerable.Range(0, labels.Series.Length).Where(s => matchers.All(matcher => Meets(labels.Series[s], matcher)))];
            if (scanned.Length > 0 && scanned.Length < labels.Series.Length) Interlocked.Increment(ref some);
            Assert.Equal(scanned, labels.Match(matchers));
        }, iter: 20_000);
        Assert.True(some > 1000, $"only {some} selections chose some of the series");
    }

    [Fact]
    public void Match_Index_TakesLittleMemory()
    {
        const int Count = 10_000;
        string[][] rows = [.. Enumerable.Range(0, Count).Select(static i => new[] { $"d{i / 10}", $"m{i % 10}" })];
        SchemaLabels labels = SchemaLabels.Of(new Schema([new SchemaPart(Template("two", ["device", "mode"]), rows)]));
        LabelMatcher[] matchers = [new("device", MatchOperator.Equal, "d77"), new("mode", MatchOperator.Equal, "m5")];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([775], labels.Match(matchers));
        long first = GC.GetAllocatedBytesForCurrentThread() - before;
        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([775], labels.Match(matchers));
        long second = GC.GetAllocatedBytesForCurrentThread() - before;
        // Three labels a series at 4 B, 1,011 distinct labels, and what building it throws away.
        Assert.InRange(first, 3 * 4 * Count, 3 * 4 * Count + (1011 * 400));
        Assert.InRange(second, 1, 2000);
    }
}
