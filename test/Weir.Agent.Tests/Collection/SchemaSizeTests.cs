using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Local;
using Weir.Agent.Tests.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

public sealed class SchemaSizeTests
{
    private static readonly Template Template = new(NamingRule.OpenTelemetry, ["instance"], [new("test.size", "1", MetricKind.Gauge)]);

    private static SchemaPart Part(params string[] instances) => new(Template, [.. instances.Select(static instance => (string[])[instance])]);

    // What no packing makes shorter than three quarters.
    private static string[] Noise(int instances, int characters)
    {
        var random = new Random(7);
        var bytes = new byte[characters / 4 * 3];
        return [.. Enumerable.Range(0, instances).Select(_ =>
        {
            random.NextBytes(bytes);
            return Convert.ToBase64String(bytes);
        })];
    }

    // Names that take all the bytes that a schema may have, and nearly none packed.
    private static string[] Full()
    {
        string[] names = [.. Enumerable.Range(0, 2047).Select(static number => $"{number}".PadRight(FrameLimits.MaxValueBytes, 'x'))];
        names[^1] = names[^1][..1000];
        int left = FrameLimits.MaxObjectBytes - new Schema([Part(names)]).Canonical.Length;
        names[^1] = names[^1].PadRight(1000 + left, 'x');
        return names;
    }

    [Fact]
    public void Of_SmallSchema_IsItsBytes_LargeOne_AsTheSpoolPacksIt()
    {
        var small = new Schema([Part("a", "b"), Part("c")]);
        Assert.Equal(new SchemaSize(3, 2, small.Canonical.Length, small.Canonical.Length), SchemaSize.Of(small));
        var large = new Schema([Part(Noise(20, 1000))]);
        Assert.Equal(new SchemaSize(20, 1, large.Canonical.Length, ObjectCodec.Pack(large.Canonical.Span).Length), SchemaSize.Of(large));
    }

    [Fact]
    public void Sum_IsNoLessThanTheSchemaOfAllParts()
    {
        SchemaPart[] parts = [.. Enumerable.Range(0, 300).Select(static number => Part($"{number}")), Part(Noise(300, 4000)), Part(Noise(100, 2000))];
        SchemaSize whole = SchemaSize.Of(new Schema(parts)), sum = default;
        foreach (SchemaPart part in parts) sum += SchemaSize.Of(new Schema([part]));
        Assert.Equal((whole.Series, whole.Parts), (sum.Series, sum.Parts));
        Assert.InRange(whole.Bytes, 1, sum.Bytes);
        Assert.InRange(whole.PackedBytes, 1, sum.PackedBytes + (FrameLimits.MaxEntryBytes - SchemaSize.MaxPackedBytes));
        Assert.Equal(default, sum - sum);
    }

    [Theory]
    [InlineData(100_000, 10_000, 8_388_608, 983_040, null)]
    [InlineData(100_001, 1, 1, 1, "100001 series, the limit is 100000")]
    [InlineData(1, 10_001, 1, 1, "10001 parts of a schema, the limit is 10000")]
    [InlineData(1, 1, 8_388_609, 1, "series whose attributes take 8388609 bytes, the limit is 8388608")]
    [InlineData(1, 1, 1, 983_041, "series whose attributes take 983041 bytes packed, the limit is 983040")]
    public void Excess_NamesTheLimitWithBothNumbers(int series, int parts, int bytes, int packed, string? excess) => Assert.Equal(excess, new SchemaSize(series, parts, bytes, packed).Excess);

    [Fact]
    public void Shape_NamesThatNoEntryHolds_FailsWithBothNumbersAndKeepsItsShape()
    {
        var columns = new Columns();
        columns.Shape([Part("a")]);
        SchemaPart[] large = [Part(Noise(400, 4000))];
        int packed = ObjectCodec.Pack(new Schema(large).Canonical.Span).Length;
        ArgumentException failure = Assert.Throws<ArgumentException>(() => columns.Shape(large));
        Assert.Contains($"the collector has series whose attributes take {packed} bytes packed, the limit is 983040", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, columns.Count);
    }

    [Fact]
    public async Task Step_CollectorWhoseNamesFillASchema_IsNotTakenAndTheAgentGoesOn()
    {
        using FakeCollector cpu = new("cpu", "0"), full = new("full", Full());
        var log = new RecordedLog();
        using var harness = new EngineHarness(frameTicks: 1, logger: log, collectors: [cpu, full]);

        await harness.RunAsync(TimeSpan.FromSeconds(3));

        Assert.Equal(3, harness.Sink.Frames.Count);
        Assert.All(harness.Sink.Frames, static frame => Assert.Equal(2, frame.Header.Series));
        Assert.Matches("^1030 Collector full is not taken: with it group high/1s would have series whose attributes take 8388[0-9]{3} bytes, the limit is 8388608;", Assert.Single(log.Lines, static line => line.StartsWith("1030", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Step_CollectorsWhoseNamesNoEntryHoldsTogether_TheOneWithoutRoomFailsUntilThereIsSome()
    {
        using FakeCollector first = new("first", Noise(200, 4000)), second = new("second", Noise(200, 4000));
        using var harness = new EngineHarness(frameTicks: 1, collectors: [first, second]);
        await harness.RunAsync(TimeSpan.FromSeconds(2));

        CollectorStatus Status(int slot) => CollectorStatus.Of(harness.Slots[slot], LaneKind.High, TimeSpan.FromSeconds(1));
        Assert.Equal(("works", "failed"), (Status(0).State, Status(1).State));
        Assert.Matches("^error: with it its group would have series whose attributes take 1[0-9]{6} bytes packed, the limit is 983040$", Status(1).Problem);
        Assert.All(harness.Sink.Frames, static frame => Assert.Equal(201, frame.Header.Series));

        first.Instances = ["0"];
        await harness.RunAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(("works", "works"), (Status(0).State, Status(1).State));
        Assert.Equal(202, harness.Sink.Frames[^1].Header.Series);
    }
}
