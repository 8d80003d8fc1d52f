using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Local;
using Weir.Agent.Tests.Collection;
using Weir.Frames;

namespace Weir.Agent.Tests.Local;

public sealed class CollectorStatusTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SteppedTime _time = new(DateTimeOffset.FromUnixTimeMilliseconds(EngineHarness.Start));
    private readonly FakeCollector _collector = new("disk", "a", "b");
    private readonly CollectorSlot _slot;

    public CollectorStatusTests() => _slot = new CollectorSlot(_collector, _time);

    public void Dispose() => _collector.Dispose();

    private CollectorStatus Now => CollectorStatus.Of(_slot, LaneKind.Normal, Second);

    private void Run()
    {
        Assert.True(_slot.TryQueue(1) && _slot.TryBegin());
        _slot.Run(static (_, _) => { });
    }

    [Fact]
    public void Of_EachState()
    {
        Assert.Equal(("waiting", 0), (Now.State, Now.Series));
        Run();
        Assert.Equal(("works", null, 2, 0, "normal", 1000), (Now.State, Now.Problem, Now.Series, Now.FailedSeries, Now.Lane, Now.IntervalMs));
        _collector.FailsFirst = FailureReason.AccessDenied;
        Run();
        Assert.Equal(("degraded", "1 series cannot be read: access denied", 1), (Now.State, Now.Problem, Now.FailedSeries));
        _collector.Throws = new IOException("gone");
        Run();
        Assert.Equal(("failed", "error: gone (1 times in a row)"), (Now.State, Now.Problem));
        for (int i = 1; i < CollectorSlot.FailuresBeforePause; i++) Run();
        Assert.Equal("paused", Now.State);
        _time.Advance(Second);
        _collector.Throws = null;
        _collector.FailsFirst = null;
        Run();
        Assert.Equal("works", Now.State);
        Assert.True(_slot.TryQueue(1) && _slot.TryBegin());
        _time.Advance(Second + Second);
        Assert.Equal(("slow", "has not returned for 2.0 s"), (Now.State, Now.Problem));
        Assert.True(_slot.TryMarkStuck());
        Assert.Equal(("stuck", "has not returned for 2 s; its thread is given up to it"), (Now.State, Now.Problem));
    }

    [Fact]
    public void Of_WhatTheHostLacks_IsNotHereAndWell()
    {
        var source = new CollectorSource("/proc/mdstat", [], static _ => throw new FileNotFoundException("no /proc/mdstat")) { MayBeAbsent = true };
        using var collector = new SourcedCollector("raid", [source], CollectorContext.Default, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var slot = new CollectorSlot(collector, _time);
        Assert.True(slot.TryQueue(1) && slot.TryBegin());
        slot.Run(static (_, _) => { });
        var status = CollectorStatus.Of(slot, LaneKind.Normal, Second);
        Assert.Equal(("not here", null, true, 0L), (status.State, status.Problem, status.IsWell, status.FailedRuns));
        Assert.Equal(("not here", "no /proc/mdstat"), (Assert.Single(status.Sources).State, status.Sources[0].Error));
    }
}
