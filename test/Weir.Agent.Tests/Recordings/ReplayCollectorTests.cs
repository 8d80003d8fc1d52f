using Weir.Agent.Collection;
using Weir.Agent.Recordings;
using Weir.Frames;

namespace Weir.Agent.Tests.Recordings;

public sealed class ReplayCollectorTests
{
    private static readonly Template Values = new(NamingRule.OpenTelemetry, ["name"], [new Metric("test.count", "1", MetricKind.Counter), new Metric("test.level", "1", MetricKind.Gauge)]);

    private static RecordedGroup Group(params (double Count, double Level)[] ticks)
    {
        IReadOnlyList<SchemaPart> parts = [new SchemaPart(Values, [["a"]])];
        var group = new RecordedGroup("high", 1000);
        foreach ((double count, double level) in ticks) group.Ticks.Add(new RecordedTick(parts, group.Ticks.Count, [count, level], [1, double.IsNaN(level) ? (byte)0 : (byte)1]));
        return group;
    }

    [Fact]
    public void Collect_BeyondTheEnd_CountersGoOnAndGaugesBeginAnew()
    {
        using var collector = new ReplayCollector(Group((10, 1), (13, 2), (20, 3)), first: 0);
        var columns = new Columns();
        var seen = new List<(double, double)>();
        for (int tick = 0; tick < 7; tick++)
        {
            columns.Clear();
            collector.Collect(columns);
            seen.Add((columns.Values[0], columns.Values[1]));
        }

        Assert.Equal([(10, 1), (13, 2), (20, 3), (20, 1), (23, 2), (30, 3), (30, 1)], seen);
    }

    [Fact]
    public void Collect_ShapeChangesOnTheWay_CountersStillGoOn()
    {
        RecordedGroup group = Group((10, 1), (13, 2));
        IReadOnlyList<SchemaPart> wider = [new SchemaPart(Values, [["b"], ["a"]])];
        group.Ticks.Add(new RecordedTick(wider, 2, [5, 0, 20, 3], [1, 1, 1, 1]));
        using var collector = new ReplayCollector(group, first: 0);
        var columns = new Columns();
        var seen = new List<double>();
        for (int tick = 0; tick < 6; tick++)
        {
            columns.Clear();
            collector.Collect(columns);
            seen.Add(columns.Values[tick % 3 == 2 ? 2 : 0]);
        }

        Assert.Equal([10, 13, 20, 20, 23, 30], seen);
    }

    [Fact]
    public void Collect_WhatWasMissing_StaysMissing()
    {
        using var collector = new ReplayCollector(Group((1, double.NaN), (2, 5)), first: 2);
        var columns = new Columns();
        collector.Collect(columns);
        Assert.Equal([Columns.Present, Columns.NotDue], columns.States.ToArray());
    }

    [Fact]
    public void Collect_SteadyTick_AllocatesNothing()
    {
        using var collector = new ReplayCollector(Group([.. Enumerable.Range(0, 100).Select(static i => ((double)i, 1.0))]), first: 1);
        var columns = new Columns();
        for (int tick = 0; tick < 5; tick++) collector.Collect(columns);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int tick = 0; tick < 10; tick++) collector.Collect(columns);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
