using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Configuration;

public sealed class CollectionProfileTests
{
    private static readonly CollectorInfo Fast = new("fast", LaneKind.High);
    private static readonly CollectorInfo Slow = new("slow", LaneKind.Normal);
    private static readonly CollectorInfo Slower = new("slower", LaneKind.Normal, TimeSpan.FromMinutes(5));

    [Theory]
    [InlineData("", "1s", "1s", "15s", "5m")]
    [InlineData("profile: 1s", "1s", "1s", "15s", "5m")]
    [InlineData("profile: 10s", "10s", "10s", "1m", "5m")]
    [InlineData("{ profile: 10s, interval: 2s }", "2s", "2s", "1m", "5m")]
    [InlineData("{ interval: 30s }", "30s", "30s", "30s", "5m")]
    [InlineData("{ normal_interval: 1s }", "1s", "1s", "1s", "5m")]
    [InlineData("{ interval: 100ms, normal_interval: 100ms }", "100ms", "100ms", "100ms", "5m")]
    [InlineData("{ profile: 10s, normal_interval: 20s }", "10s", "10s", "20s", "5m")]
    [InlineData("{ normal_interval: 1h }", "1s", "1s", "1h", "1h")]
    public void Read_Profile_SetsDefaultsThatKeysOverride(string yaml, string interval, string fast, string slow, string slower)
    {
        AgentConfig config = Read(yaml);
        Assert.Equal([interval, fast, slow, slower], ((TimeSpan[])[config.Interval, Fast.IntervalIn(config), Slow.IntervalIn(config), Slower.IntervalIn(config)]).Select(Duration.Format));
    }

    [Fact]
    public void Read_ProfileAndACollectorsInterval_TakesTheCollectors()
    {
        AgentConfig config = Read("{ profile: 10s, collectors: { filesystem: { interval: 20s } } }");
        Assert.Equal(TimeSpan.FromSeconds(20), CollectorCatalog.All.Single(static info => info.Name == "filesystem").IntervalIn(config));
    }

    [Fact]
    public void Read_UnknownProfile_IsRefusedWithTheKnownOnes()
    {
        Assert.Null(AgentConfigReader.TryRead(new StringReader("profile: 5s"), out IReadOnlyList<ConfigError> errors));
        Assert.Equal("line 1: profile: '5s' is not allowed; allowed: 1s, 10s; write one of them", Assert.Single(errors).ToString());
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Shape_SeriesAtAndAboveTheLimit_IsTakenOrFailsWithBothNumbers(int series, bool isTaken)
    {
        int limit = Read("limits: { max_series_per_collector: 1 }").MaxSeriesPerCollector;
        var columns = new Columns(limit);
        Exception? failure = Record.Exception(() => columns.Shape([new SchemaPart(Templates.Disk, [.. Enumerable.Range(0, series).Select(static disk => (string[])[$"sd{disk}"])])]));
        Assert.Equal(isTaken, failure is null);
        if (!isTaken) Assert.Contains("the limit is 1", failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limits: { max_series_per_collector: 0 }")]
    [InlineData("limits: { max_series_per_collector: 8001 }")]
    [InlineData("limits: { max_series: 1 }")]
    [InlineData("normal_interval: 99ms")]
    [InlineData("normal_interval: 61m")]
    public void Read_LimitOutOfBounds_IsRefused(string yaml) => Assert.Null(AgentConfigReader.TryRead(new StringReader(yaml), out _));

    private static AgentConfig Read(string yaml)
    {
        AgentConfig? config = AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        return config!;
    }
}
