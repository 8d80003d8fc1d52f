using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Configuration;

public sealed class PdhConfigReaderTests
{
    private const string Good = """
        collectors:
          pdh:
            objects:
              - name: iis
                object: Web Service
                instances: { include: [Default*], exclude: [Default Old] }
                attribute: windows.iis.site
                max_instances: 20
                interval: 5s
                attributes: { site: berlin }
                counters:
                  - { counter: Total Bytes Transferred, metric: windows.iis.bytes, unit: By, kind: counter }
                  - { counter: Current Connections, metric: windows.iis.connections, unit: "{connection}" }
              - name: queue
                object: Server Work Queues
                counters:
                  - { counter: Avg. Work, metric: windows.work.count, unit: "{item}", kind: counter, part: base }
                  - { counter: Memory (KB), metric: windows.work.memory, unit: By, factor: 1024 }
        """;

    private static AgentConfig Read(string yaml)
    {
        AgentConfig? config = AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        return config!;
    }

    private static IReadOnlyList<ConfigError> Errors(string yaml)
    {
        Assert.Null(AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors));
        return errors;
    }

    private static string With(string counter) =>
        $"collectors: {{ pdh: {{ objects: [ {{ name: a, object: O, instances: {{ include: ['*'] }}, counters: [ {counter} ] }} ] }} }}";

    [Fact]
    public void Read_EveryKey()
    {
        AgentConfig config = Read(Good);
        Assert.Equal(["iis", "queue"], config.PdhObjects.Select(static each => each.Name));
        PdhObjectConfig iis = config.PdhObjects[0], queue = config.PdhObjects[1];
        Assert.Equal(("Web Service", "windows.iis.site", 20, TimeSpan.FromSeconds(5)), (iis.PerformanceObject, iis.Attribute, iis.InstanceLimit, iis.Interval));
        Assert.Equal(["Default*"], iis.Instances!.Include);
        Assert.Equal(["Default Old"], iis.Instances.Exclude);
        Assert.Equal([new PdhCounterConfig("Total Bytes Transferred", new Metric("windows.iis.bytes", "By", MetricKind.Counter)), new("Current Connections", new Metric("windows.iis.connections", "{connection}", MetricKind.Gauge))], iis.Counters);
        Assert.Equal([new("site", "berlin")], iis.Attributes);
        Assert.Null(queue.Instances);
        Assert.Equal((true, 1024, TimeSpan.FromSeconds(15)), (queue.Counters[0].IsBase, queue.Counters[1].Factor, queue.Interval));
    }

    [Fact]
    public void Under_EachObject_IsACollectorOfItsOwnWithItsInterval()
    {
        AgentConfig config = Read(Good) with { Interval = TimeSpan.FromSeconds(30) };
        CollectorInfo[] configured = [.. CollectorCatalog.Under(config).Skip(CollectorCatalog.All.Count)];
        Assert.Equal(["pdh:iis", "pdh:queue"], configured.Select(static info => info.Name));
        Assert.All(configured, static info => Assert.True(info.IsAlone && info.Lane == LaneKind.Normal && info.Linux.Count == 0));
        Assert.Equal([5, 15], configured.Select(info => info.IntervalIn(config).TotalSeconds));
        PdhObject iis = PdhConfigured.ObjectOf(config.PdhObjects[0]);
        Assert.Equal(["windows.iis.site", "site"], iis.Series[0].Template.AttributeKeys);
    }

    [Theory]
    [InlineData("{ counter: c }", "metric")]
    [InlineData("{ metric: windows.a.b }", "counter")]
    [InlineData("{ counter: c, metric: Windows.A }", "lower-case words with dots")]
    [InlineData("{ counter: c, metric: weir.a.b }", "that no collector of the agent has")]
    [InlineData("{ counter: c, metric: system.memory.usage }", "that no collector of the agent has")]
    [InlineData("{ counter: c, metric: windows.a, kind: rate }", "gauge, counter")]
    [InlineData("{ counter: c, metric: windows.a, part: top }", "value, base")]
    [InlineData("{ counter: c, metric: windows.a, part: base }", "kind: counter")]
    [InlineData("{ counter: c, metric: windows.a, unit: 'a b' }", "without blanks")]
    [InlineData("{ counter: c, metric: windows.a, factor: 0 }", "other than zero")]
    [InlineData("{ counter: 'a\\b', metric: windows.a }", "English name")]
    [InlineData("{ counter: c, metrik: windows.a, metric: windows.b }", "did you mean metric?")]
    [InlineData("{ counter: c, metric: windows.a }, { counter: d, metric: windows.a }", "each once")]
    public void Read_WrongCounter_IsNamedWithItsCure(string counter, string said) =>
        Assert.Contains(Errors(With(counter)), error => error.ToString().Contains(said, StringComparison.Ordinal) && error.ToString().Contains("collectors.pdh.objects[0].counters[", StringComparison.Ordinal));

    [Theory]
    [InlineData("{ object: O, counters: [ { counter: c, metric: windows.a } ] }", "name")]
    [InlineData("{ name: Upper, object: O, counters: [ { counter: c, metric: windows.a } ] }", "lower-case letters")]
    [InlineData("{ name: a, counters: [ { counter: c, metric: windows.a } ] }", "object")]
    [InlineData("{ name: a, object: O }", "counters")]
    [InlineData("{ name: a, object: 'O(*)', counters: [ { counter: c, metric: windows.a } ] }", "English name")]
    [InlineData("{ name: a, object: O, max_instances: 1001, counters: [ { counter: c, metric: windows.a } ] }", "1 to 1000")]
    [InlineData("{ name: a, object: O, attribute: host.name, counters: [ { counter: c, metric: windows.a } ] }", "lower-case words")]
    [InlineData("{ name: a, object: O, attributes: { os.type: x }, counters: [ { counter: c, metric: windows.a } ] }", "lower-case words")]
    [InlineData("{ name: a, object: O, instances: { includes: ['*'] }, counters: [ { counter: c, metric: windows.a } ] }", "did you mean include?")]
    [InlineData("{ name: a, object: O, counters: [ { counter: c, metric: windows.a } ] }, { name: a, object: P, counters: [ { counter: c, metric: windows.b } ] }", "each name once")]
    public void Read_WrongObject_IsNamedWithItsCure(string one, string said) =>
        Assert.Contains(Errors($"collectors: {{ pdh: {{ objects: [ {one} ] }} }}"), error => error.ToString().Contains(said, StringComparison.Ordinal) && error.ToString().Contains("collectors.pdh.objects[", StringComparison.Ordinal));

    [Fact]
    public void Read_TwoObjectsOfOneMetric_AreTwoByTheirAttributes()
    {
        const string Two = "collectors: {{ pdh: {{ objects: [ {{ name: a, object: O, attributes: {{ windows.sql.instance: one }}, counters: [ {{ counter: c, metric: windows.a }} ] }}, {{ name: b, object: P, attributes: {{ windows.sql.instance: {0} }}, counters: [ {{ counter: c, metric: windows.a }} ] }} ] }} }}";
        Assert.Equal(2, Read(string.Format(null, Two, "two")).PdhObjects.Count);
        Assert.NotEmpty(Errors(string.Format(null, Two, "one")));
    }

    [Fact]
    public void Read_MoreThanTheLimits_IsRefused()
    {
        string counters = string.Join(", ", Enumerable.Range(0, 65).Select(static i => $"{{ counter: c, metric: windows.a{i} }}"));
        Assert.Contains(Errors(With(counters)), static error => error.ToString().Contains("at most 64 counters", StringComparison.Ordinal));
        string objects = string.Join(", ", Enumerable.Range(0, 65).Select(static i => $"{{ name: n{i}, object: O, counters: [ {{ counter: c, metric: windows.a{i} }} ] }}"));
        Assert.Contains(Errors($"collectors: {{ pdh: {{ objects: [ {objects} ] }} }}"), static error => error.ToString().Contains("at most 64 objects", StringComparison.Ordinal));
    }
}
