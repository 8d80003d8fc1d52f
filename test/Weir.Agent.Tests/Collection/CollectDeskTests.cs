using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Local;
using Weir.Agent.Tests.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

/// <summary>Orders to read a collector at another interval, beside an engine that ticks each second.</summary>
public sealed class CollectDeskTests : IDisposable
{
    private readonly FakeCollector _regular = new("cpu", "0"), _neighbour = new("memory", "0");
    private readonly List<FakeCollector> _made = [];
    private readonly RecordedLog _log = new();
    private static readonly string[] Silent = ["a", "b", "c", "d", "e"];

    private readonly EngineHarness _harness;
    private readonly CollectDesk _desk;

    public CollectDeskTests()
    {
        _harness = new EngineHarness(frameTicks: 1, logger: _log, collectors: [_regular, _neighbour]);
        var config = new AgentConfig { Collectors = new Dictionary<string, CollectorConfig> { ["off"] = new() { Enabled = false } } };
        _desk = new CollectDesk(config, [new PlannedSlot(Planned(_regular), _harness.Slots[0])], Plan, MakeSlot, MakeGroup, _harness.Engine, NullLogger.Instance);
    }

    public void Dispose()
    {
        _harness.Dispose();
        _regular.Dispose();
        _neighbour.Dispose();
    }

    private List<PlannedCollector> Plan(AgentConfig config, string? only)
    {
        var planned = new List<PlannedCollector>();
        foreach (string name in (string[])["cpu", .. Silent, "costly"])
            if ((name == "cpu" || config.ConfigOf(name).Enabled == true) && (only ?? name) == name) planned.Add(Planned(Make(name)));
        return [.. planned.Select(static each => each.Collector.Name == "costly" ? each with { Interval = TimeSpan.FromMinutes(1), LeastInterval = TimeSpan.FromSeconds(15) } : each)];
    }

    private FakeCollector Make(string name)
    {
        var collector = new FakeCollector(name, "0");
        _made.Add(collector);
        return collector;
    }

    private static PlannedCollector Planned(FakeCollector collector) => new(LaneKind.High, TimeSpan.FromSeconds(1), false, collector);

    private PlannedSlot MakeSlot(PlannedCollector planned) => new(planned, new CollectorSlot(planned.Collector, _harness.Time));

    private CollectionGroup MakeGroup(PlannedSlot slot, TimeSpan interval)
    {
        long intervalMs = (long)interval.TotalMilliseconds;
        var cadence = new FrameCadence(_harness.Signals, intervalMs, new CadenceOptions(0) { FirstTicks = 0 });
        return new CollectionGroup(_harness.Lane, slot.Planned.Collector.Name, intervalMs, cadence, [slot.Slot], NullLogger.Instance);
    }

    private static CollectOrder Order(string collector = "cpu", double interval = 0.1, double duration = 2) => new(collector, TimeSpan.FromSeconds(interval), TimeSpan.FromSeconds(duration));

    // When the collector of the regular group brought a value, in ms since the start.
    private long[] Times() =>
        [.. _harness.Sink.Frames.Where(static frame => frame.Schema.MetricOf(0).Name == "test.cpu" && frame.Value("test.cpu", "0") is not null).Select(static frame => frame.Header.FirstMs - EngineHarness.Start).Order()];

    [Fact]
    public async Task Take_TenTimesASecond_OneReaderBringsEachTickOnceAndGoesBackByItself()
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
        // The collector counts its calls: what keeps sums goes on from where it was.
        Assert.Equal(Enumerable.Range(1, times.Length).Select(static call => call * 100.0), _harness.Sink.Frames.Select(static frame => (frame.Header.FirstMs, Value: frame.Value("test.cpu", "0"))).Where(static each => each.Value is not null).OrderBy(static each => each.FirstMs).Select(static each => each.Value!.Value));
        Assert.Equal((1, false), (_regular.MostInside, _regular.IsDisposed));
        // Its neighbours of the regular group miss nothing.
        Assert.Equal(Enumerable.Range(0, 6).Select(static i => EngineHarness.Start + (i * 1000)), _harness.Sink.Frames.Where(static frame => frame.Schema.SeriesCount == 3 && frame.Value("test.memory", "0") is not null).Select(static frame => frame.Header.FirstMs));
        WindowDeclaration declaration = Assert.Single(_harness.Sink.Declarations).Declaration;
        Assert.Equal(declaration.Scheduled, declaration.Collected);
    }

    [Fact]
    public async Task Take_WhileATickIsOpen_BeginsBehindIt()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1));
        _harness.Lane.Hangs.Add("memory");
        await _harness.RunAsync(TimeSpan.FromSeconds(0.6));
        Assert.True(_harness.Group.IsOpen);
        Assert.True(_desk.Take(Order()).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(1));
        await _harness.FinishAsync();
        Assert.Equal([0, 1000, 1600, 1700, 1800, 1900, 2000, 2100], Times());
    }

    [Fact]
    public async Task Take_AgentCannotRunMeanwhile_WhatIsLentIsMissedOnce()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1));
        Assert.True(_desk.Take(Order(interval: 0.5, duration: 10)).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(1));
        _harness.Time.Advance(TimeSpan.FromSeconds(2.8));
        await _harness.RunAsync(TimeSpan.FromSeconds(0.1));
        await _harness.FinishAsync();
        // Neighbour and skew at 2 and 3 s; collector and skew at the five half seconds from 2 to 4 s. The regular tick at 4 s is late, but begins.
        WindowDeclaration declaration = Assert.Single(_harness.Sink.Declarations).Declaration;
        Assert.Equal((declaration.Collected + declaration.Missed, (2 * 2) + (5 * 2)), (declaration.Scheduled, declaration.Missed));
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

    [Theory]
    [InlineData("cpu", 0.05, 2, "the interval must be 100ms to 1h")]
    [InlineData("cpu", 7200, 7200, "the interval must be 100ms to 1h")]
    [InlineData("cpu", 0.5, 0.1, "the duration must be")]
    [InlineData("cpu", 0.5, 3601, "the duration must be")]
    [InlineData("cpu", 1, 10, "cpu is collected every 1s anyway")]
    [InlineData("cpu", 5, 10, "cpu is collected every 1s anyway")]
    [InlineData("costly", 14, 60, "costly is collected every 15s at most")]
    [InlineData("nothing", 0.5, 10, "there is no collector nothing on this host")]
    [InlineData("off", 0.5, 10, "the configuration of this agent switches off off")]
    public void Take_WhatCannotBe_IsRefusedWithTheReason(string collector, double interval, double duration, string reason)
    {
        CollectAnswer answer = _desk.Take(Order(collector, interval, duration));
        Assert.False(answer.IsTaken);
        Assert.Contains(reason, answer.Detail, StringComparison.Ordinal);
        Assert.Equal(collector == "costly" ? 1 : 0, _made.Count);
        Assert.All(_made, static made => Assert.True(made.IsDisposed));
    }

    [Fact]
    public async Task Take_CollectorThatIsOffByDefault_IsReadOnRequestAndLetGo()
    {
        Assert.True(_desk.Take(Order(Silent[0], interval: 1)).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(4));
        // The tick that ends it among them.
        FakeCollector made = Assert.Single(_made);
        Assert.Equal(("a", 3), (made.Name, made.Calls));
        // Behind the engine.
        Assert.True(SpinWait.SpinUntil(() => made.IsDisposed, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Take_FasterThanItsLastRunAllows_IsRefusedWithBothTimes()
    {
        _harness.Lane.Hangs.Add("cpu");
        await _harness.RunAsync(TimeSpan.FromSeconds(0.57));
        Assert.Contains("cpu takes 70ms to read, more than half of 100ms", _desk.Take(Order(interval: 0.1)).Detail, StringComparison.Ordinal);
        _harness.Lane.Release();
        _harness.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Contains("cpu takes 70ms to read, more than half of 100ms", _desk.Take(Order(interval: 0.1)).Detail, StringComparison.Ordinal);
        Assert.True(_desk.Take(Order(interval: 0.14)).IsTaken);
    }

    [Fact]
    public async Task Order_WhoseValuesAlwaysComeTooLate_EndsEarlyAndGivesTheCollectorBack()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1.5));
        Assert.True(_desk.Take(Order(duration: 3600)).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(1));
        _harness.Lane.Hangs.Add("cpu");
        await _harness.RunAsync(TimeSpan.FromSeconds(0.09));
        for (int tick = 1; tick < 100; tick++) await LateTick();
        Assert.DoesNotContain(_log.Lines, static line => line.StartsWith("1026 ", StringComparison.Ordinal));
        await LateTick();
        Assert.Contains(_log.Lines, static line => line.StartsWith("1026 Group cpu/100ms, read on request, has ended before its time", StringComparison.Ordinal));

        _harness.Lane.Hangs.Clear();
        await _harness.RunAsync(TimeSpan.FromSeconds(2));
        await _harness.FinishAsync();
        Assert.Equal([13_000, 14_000], Times().Where(static time => time > 2000));

        async Task LateTick()
        {
            await _harness.RunAsync(TimeSpan.FromSeconds(0.1));
            _harness.Lane.Release();
        }
    }

    [Fact]
    public async Task Order_EndsWhileItsLendersTickIsOpen_TheSampleIsCountedOnce()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1.5));
        _harness.Lane.Hangs.Add("memory");
        Assert.True(_desk.Take(Order(interval: 0.5, duration: 1)).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(1));
        Assert.True(_harness.Group.IsOpen);
        Assert.Contains(_log.Lines, static line => line.StartsWith("1020 ", StringComparison.Ordinal));
        await _harness.RunAsync(TimeSpan.FromSeconds(0.6));
        await _harness.FinishAsync();
        Assert.Equal([0, 1000, 1500, 2000], Times());
        // Collector, neighbour and skew at 0 and 1 s; collector and skew twice on request; neighbour, which is late, and skew at 2 s.
        WindowDeclaration declaration = Assert.Single(_harness.Sink.Declarations).Declaration;
        Assert.Equal((12, 11, 1), (declaration.Scheduled, declaration.Collected, declaration.Late));
        Assert.Equal(0, _harness.Slots[0].LostTicks);
    }

    [Fact]
    public async Task Snapshot_DuringAnOrderAndBehindIt_ShowsEachSeriesOnceAtMost()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1.5));
        Assert.Equal([200], await Shown());
        Assert.True(_desk.Take(Order(duration: 0.5)).IsTaken);
        Assert.Empty(await Shown());
        await _harness.RunAsync(TimeSpan.FromSeconds(0.1));
        Assert.Equal([300], await Shown());
        await _harness.RunAsync(TimeSpan.FromSeconds(0.45));
        Assert.Contains(_log.Lines, static line => line.StartsWith("1020 ", StringComparison.Ordinal));
        Assert.Equal([700], await Shown());

        async Task<IEnumerable<double>> Shown()
        {
            Task<IReadOnlyList<GroupSnapshot>> asked = _harness.Engine.SnapshotAsync();
            _harness.Engine.Step();
            return (await asked).SelectMany(static group => Enumerable.Range(0, group.Schema.SeriesCount).Where(series => group.Present[series] != 0 && group.Schema.MetricOf(series).Name == "test.cpu").Select(series => group.Values[series]));
        }
    }

    [Fact]
    public async Task Take_LenderIsOpen_OthersGoAheadAndItsTimeBeginsWhenItDoes()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1));
        _harness.Lane.Hangs.Add("memory");
        await _harness.RunAsync(TimeSpan.FromSeconds(0.6));
        Assert.True(_desk.Take(Order(duration: 0.3)).IsTaken);
        Assert.True(_desk.Take(Order("a", duration: 0.2)).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(0.3));
        Assert.True(_harness.Group.IsOpen);
        Assert.Equal(2, Assert.Single(_made).Calls);
        await _harness.RunAsync(TimeSpan.FromSeconds(0.5));
        await _harness.FinishAsync();
        Assert.Equal([0, 1000, 1600, 1700, 1800], Times());
    }

    [Fact]
    public async Task Finish_OrderLasts_IsToldAndTakesNoOther()
    {
        await _harness.RunAsync(TimeSpan.FromSeconds(1.5));
        Assert.True(_desk.Take(Order(duration: 300)).IsTaken);
        await _harness.RunAsync(TimeSpan.FromSeconds(0.3));
        Assert.True(_desk.Take(Order("a")).IsTaken);
        await _harness.FinishAsync();
        Assert.Equal(["1025 Group cpu/100ms", "1025 Group a/100ms"], _log.Lines.Where(static line => line.StartsWith("1025 ", StringComparison.Ordinal)).Select(static line => line[..line.IndexOf(',', StringComparison.Ordinal)]));
        Assert.True(SpinWait.SpinUntil(() => _made[0].IsDisposed, TimeSpan.FromSeconds(30)));

        Assert.Contains("takes another configuration", _desk.Take(Order("b")).Detail, StringComparison.Ordinal);
        Assert.Single(_made);
    }
}
