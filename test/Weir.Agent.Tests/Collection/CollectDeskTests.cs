using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

/// <summary>Orders to read a collector at another interval, beside an engine that ticks each second.</summary>
public sealed class CollectDeskTests : IDisposable
{
    private readonly FakeCollector _regular = new("cpu", "0"), _ordered = new("cpu", "0");
    private static readonly string[] Silent = ["a", "b", "c", "d", "e"];

    private readonly EngineHarness _harness;
    private readonly CollectDesk _desk;
    private bool _isHanging;

    public CollectDeskTests()
    {
        _harness = new EngineHarness(frameTicks: 1, collectors: [_regular]);
        var config = new AgentConfig { Collectors = new Dictionary<string, CollectorConfig> { ["off"] = new() { Enabled = false } } };
        _desk = new CollectDesk(config, Plan, MakeGroup, _ => _isHanging, _harness.Engine, NullLogger.Instance);
    }

    public void Dispose()
    {
        _harness.Dispose();
        _regular.Dispose();
    }

    private List<PlannedCollector> Plan(AgentConfig config)
    {
        var planned = new List<PlannedCollector> { Planned("cpu") };
        foreach (string name in Silent)
            if (config.ConfigOf(name).Enabled == true) planned.Add(Planned(name));
        planned.Add(Planned("sums") with { Sums = true });
        return planned;
    }

    private PlannedCollector Planned(string name) => new(
        LaneKind.High, TimeSpan.FromSeconds(1), false,
        new SourcedCollector(name, [new CollectorSource("scripted", [], _ => _ordered)], CollectorContext.Default, NullLogger.Instance));

    private CollectionGroup MakeGroup(PlannedCollector planned, long ownedMs)
    {
        long intervalMs = (long)planned.Interval.TotalMilliseconds;
        var cadence = new FrameCadence(_harness.Signals, intervalMs, new CadenceOptions(0) { FirstTicks = 0 });
        return new CollectionGroup(_harness.Lane, planned.Collector.Name, intervalMs, cadence, [new CollectorSlot(planned.Collector, _harness.Time)], ownedMs);
    }

    private static CollectOrder Order(string collector = "cpu", double interval = 0.1, double duration = 2) => new(collector, TimeSpan.FromSeconds(interval), TimeSpan.FromSeconds(duration));

    [Fact]
    public async Task Take_TenTimesASecond_BringsWhatTheRegularGroupDoesNotAndEndsByItself()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1.5));
        Assert.True(_desk.Take(Order()).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(4));
        await _harness.FinishAsync();

        long[] times = [.. _harness.Sink.Frames.Where(static frame => frame.Value("test.cpu", "0") is not null).Select(static frame => frame.Header.FirstMs)];
        Assert.Equal(times.Order(), times.Distinct().Order());
        long from = EngineHarness.Start + 1000;
        Assert.Equal(Enumerable.Range(1, 20).Select(i => from + (i * 100)), times.Where(time => time > from && time <= from + 2000).Order());
        Assert.DoesNotContain(times, time => time > from + 2000 && time % 1000 != 0);
        WindowDeclaration declaration = Assert.Single(_harness.Sink.Declarations).Declaration;
        Assert.Equal(declaration.Scheduled, declaration.Collected + declaration.Failed.Values.Sum() + declaration.Late + declaration.Missed);
        // Its reader was let go with the group, behind the engine.
        Assert.True(SpinWait.SpinUntil(() => _ordered.IsDisposed, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Take_MoreThanTheMost_IsRefusedUntilOneHasEnded()
    {
        for (int i = 0; i < CollectDesk.MaxOrders; i++) Assert.True(_desk.Take(Order(Silent[i])).IsTaken);
        Assert.Contains("4 collectors are read on request already", _desk.Take(Order(Silent[^1])).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_TheSameTwice_IsRefusedWhileTheFirstLasts()
    {
        Assert.True(_desk.Take(Order()).IsTaken);
        Assert.Contains("cpu is read on request already", _desk.Take(Order()).Detail, StringComparison.Ordinal);
        await _harness.RunAsync(TimeSpan.FromSeconds(4));
        Assert.True(_desk.Take(Order()).IsTaken);
    }

    [Fact]
    public void Take_RegularRunHangs_IsRefused()
    {
        _isHanging = true;
        Assert.Contains("cpu hangs", _desk.Take(Order()).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu", 0.05, 2, "the interval must be 100ms to 1h")]
    [InlineData("cpu", 7200, 7200, "the interval must be 100ms to 1h")]
    [InlineData("cpu", 0.5, 0.1, "the duration must be")]
    [InlineData("cpu", 0.5, 3601, "the duration must be")]
    [InlineData("cpu", 1, 10, "cpu is collected every 1s anyway")]
    [InlineData("cpu", 5, 10, "cpu is collected every 1s anyway")]
    [InlineData("nothing", 0.5, 10, "there is no collector nothing on this host")]
    [InlineData("sums", 0.5, 10, "sums keeps sums: a second reader beside it")]
    [InlineData("off", 0.5, 10, "the configuration of this agent switches off off")]
    public void Take_WhatCannotBe_IsRefusedWithTheReason(string collector, double interval, double duration, string reason)
    {
        CollectAnswer answer = _desk.Take(Order(collector, interval, duration));
        Assert.False(answer.IsTaken);
        Assert.Contains(reason, answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Take_CollectorThatIsOffByDefault_IsReadOnRequest() => Assert.True(_desk.Take(Order(Silent[0], interval: 1)).IsTaken);
}
