using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Scraping;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Collection;

/// <summary>A whole host with scripted collectors and a sink in memory, in real time.</summary>
public sealed class AgentHostTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Apply_OtherCollectors_RunFromTheNextTickOnAndEveryWindowAddsUp()
    {
        var delivery = new SinkDelivery();
        AgentConfig config = new() { Interval = TimeSpan.FromMilliseconds(100), FrameSeconds = 0, Listen = null };
        using var stop = new CancellationTokenSource();
        var host = new AgentHost(config, NullLoggerFactory.Instance, TimeProvider.System, Plan, () => Task.FromResult<IDelivery>(delivery));
        Task running = host.RunAsync(stop.Token);
        await Until(() => delivery.Frames("test.first") > 2);
        Assert.Equal(0, delivery.Frames("test.second"));

        host.Apply(config with { Interval = TimeSpan.FromMilliseconds(200) });
        await Until(() => delivery.Frames("test.second") > 2);
        int before = delivery.Frames("test.first");
        host.Apply(config);
        await Until(() => delivery.Frames("test.first") > before);
        await stop.CancelAsync();
        await running.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.All(delivery.Recorded.Declarations, static window => Assert.Equal(
            window.Declaration.Scheduled, window.Declaration.Collected + window.Declaration.Failed.Values.Sum() + window.Declaration.Late + window.Declaration.Missed));
        // No tick is brought twice.
        long[] times = [.. delivery.Recorded.Frames.Select(static frame => frame.Header.FirstMs)];
        Assert.Equal(times.Length, times.Distinct().Count());

        static IReadOnlyList<PlannedCollector> Plan(AgentConfig config, string? _) =>
            [new(LaneKind.High, config.Interval, IsAlone: true, new FakeCollector(config.Interval.TotalMilliseconds < 150 ? "first" : "second", "0"))];
    }

    [Fact]
    public async Task Apply_WhatMeansTheSame_LeavesCollectionAlone()
    {
        var delivery = new SinkDelivery();
        using var stop = new CancellationTokenSource();
        int plans = 0;
        AgentConfig Read(string more) => AgentConfigReader.TryRead(new StringReader($"interval: 100ms\nframe_seconds: 0\nlisten: none\ncollectors: {{ disk: {{ exclude: [sd*] }} }}\n{more}"), out _)!;
        var host = new AgentHost(Read(""), NullLoggerFactory.Instance, TimeProvider.System, Plan, () => Task.FromResult<IDelivery>(delivery));
        Task running = host.RunAsync(stop.Token);
        await Until(() => delivery.Frames("test.first") > 2);
        host.Apply(Read("# the same"));
        int before = delivery.Frames("test.first");
        await Until(() => delivery.Frames("test.first") > before + 2);
        host.Apply(Read("profile: 10s"));
        await Until(() => delivery.Frames("test.second") > 0);
        await stop.CancelAsync();
        await running.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(2, plans);

        IReadOnlyList<PlannedCollector> Plan(AgentConfig config, string? _) =>
            [new(LaneKind.High, config.Interval, IsAlone: true, new FakeCollector(plans++ == 0 ? "first" : "second", "0"))];
    }

    [Fact]
    public async Task Apply_WhileACollectorHangs_TheNextBeginsAndItsReturnHarmsNobody()
    {
        var delivery = new SinkDelivery();
        AgentConfig config = new() { Interval = TimeSpan.FromMilliseconds(100), FrameSeconds = 0, Listen = null };
        var hanging = new FakeCollector("hanging", "0");
        hanging.Gate.Reset();
        using var stop = new CancellationTokenSource();
        int plans = 0;
        var host = new AgentHost(config, NullLoggerFactory.Instance, TimeProvider.System, Plan, () => Task.FromResult<IDelivery>(delivery));
        Task running = host.RunAsync(stop.Token);
        await Until(() => hanging.Inside == 1);
        host.Apply(config with { MaxSeriesPerCollector = 100 });
        await Until(() => delivery.Frames("test.second") > 2);
        hanging.Gate.Set();
        await Until(() => hanging.IsDisposed);
        int before = delivery.Frames("test.second");
        await Until(() => delivery.Frames("test.second") > before);
        await stop.CancelAsync();
        await running.WaitAsync(Patience, TestContext.Current.CancellationToken);

        IReadOnlyList<PlannedCollector> Plan(AgentConfig _, string? __) => [new(LaneKind.High, config.Interval, IsAlone: true, plans++ == 0 ? hanging : new FakeCollector("second", "0"))];
    }

    [Fact]
    public async Task Run_AsManyScrapesHangAsThereMayBe_TheOtherLanesGoOn()
    {
        var delivery = new SinkDelivery();
        AgentConfig config = new() { Interval = TimeSpan.FromMilliseconds(100), FrameSeconds = 0, Listen = null };
        FakeCollector[] hanging = [.. Enumerable.Range(0, ScrapeTarget.MaxTargets).Select(static target => new FakeCollector($"target{target}", "0"))];
        foreach (FakeCollector each in hanging) each.Gate.Reset();
        using var stop = new CancellationTokenSource();
        var host = new AgentHost(config, NullLoggerFactory.Instance, TimeProvider.System, Plan, () => Task.FromResult<IDelivery>(delivery));
        Task running = host.RunAsync(stop.Token);
        await Until(() => Array.TrueForAll(hanging, static each => each.Inside == 1));
        int high = delivery.Frames("test.fast"), normal = delivery.Frames("test.slow");
        await Until(() => delivery.Frames("test.fast") > high + 2 && delivery.Frames("test.slow") > normal + 2);
        foreach (FakeCollector each in hanging) each.Gate.Set();
        await stop.CancelAsync();
        await running.WaitAsync(Patience, TestContext.Current.CancellationToken);

        IReadOnlyList<PlannedCollector> Plan(AgentConfig _, string? __) =>
        [
            .. hanging.Select(each => new PlannedCollector(LaneKind.Scrape, config.Interval, IsAlone: true, each)),
            new(LaneKind.Normal, config.Interval, IsAlone: true, new FakeCollector("slow", "0")),
            new(LaneKind.High, config.Interval, IsAlone: true, new FakeCollector("fast", "0")),
        ];
    }

    private static async Task Until(Func<bool> isTrue)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "it does not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    // The test reads while the agent writes.
    private sealed class SinkDelivery : IDelivery, IEntrySink
    {
        private readonly Lock _gate = new();

        public RecordingSink Recorded { get; } = new();

        public IEntrySink Sink => this;

        public uint ClockGeneration => Recorded.ClockGeneration;

        public ValueTask AppendSchemaAsync(Weir.Frames.Schema schema, CancellationToken cancellationToken)
        {
            lock (_gate) return Recorded.AppendSchemaAsync(schema, cancellationToken);
        }

        public ValueTask<int> AppendFrameAsync(Weir.Frames.FrameBuilder builder, uint clockGeneration, CancellationToken cancellationToken)
        {
            lock (_gate) return Recorded.AppendFrameAsync(builder, clockGeneration, cancellationToken);
        }

        public ValueTask AppendDeclarationAsync(long windowMs, Weir.Frames.WindowDeclaration declaration, CancellationToken cancellationToken)
        {
            lock (_gate) return Recorded.AppendDeclarationAsync(windowMs, declaration, cancellationToken);
        }

        public ValueTask<uint> NextClockGenerationAsync(CancellationToken cancellationToken) => Recorded.NextClockGenerationAsync(cancellationToken);

        public DeliverySignals Signals { get; } = new(TimeProvider.System);

        public int Frames(string metric)
        {
            lock (_gate) return Recorded.Frames.Count(frame => frame.Schema.MetricOf(0).Name == metric);
        }

        public Task RunAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
