using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Collectors.Windows.Processes;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Windows;

/// <summary>Which processes are new, whatever the wall clock does that their starts are told by.</summary>
public sealed class WindowsProcessNewnessTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly ScriptedProcesses _host = new();
    private readonly WindowsProcessCollector _collector;
    private readonly Columns _columns = new();

    public WindowsProcessNewnessTests() => _collector = new WindowsProcessCollector(CollectorContext.Default, _host.Read);

    public void Dispose() => _collector.Dispose();

    // CPU time of all processes since the watch began.
    private double Tick(params IEnumerable<(int Pid, DateTimeOffset Started, double CpuSeconds)> processes)
    {
        _host.Set(processes);
        _columns.Clear();
        _collector.Collect(_columns);
        var schema = new Schema(_columns.Parts);
        return Enumerable.Range(0, schema.SeriesCount).Where(series => schema.MetricOf(series).Name == "process.cpu.time").Sum(series => _columns.Values[series]);
    }

    [Fact]
    public void Collect_ProcessStartedAfterTheClockWasSetBack_CountsWhole()
    {
        Assert.Equal(0, Tick((4, Noon, 100)));
        Assert.Equal(3, Tick((4, Noon, 101), (8, Noon.AddDays(-1), 2)));
    }

    [Fact]
    public void Collect_ClockSetOnAndBack_MakesNoneOfThoseThatLiveNew()
    {
        Tick((4, Noon, 100), (8, Noon.AddDays(1), 50));
        Assert.Equal(1, Tick((4, Noon, 101), (8, Noon.AddDays(1), 50)));
        Assert.Equal(6, Tick((4, Noon, 101), (8, Noon.AddDays(1), 50), (12, Noon.AddMinutes(1), 5)));
    }

    [Fact]
    public void Collect_NumberTakenOver_IsANewProcess()
    {
        Tick((4, Noon, 100));
        Assert.Equal(2, Tick((4, Noon.AddDays(-1), 2)));
    }

    [Fact]
    public void Collect_ListThatWasCut_MakesNoneOfThoseBehindTheCutNew()
    {
        Tick((4, Noon, 100), (8, Noon, 50));
        _host.IsCut = true;
        Assert.Equal(0, Tick((4, Noon, 100)));
        _host.IsCut = false;
        Assert.Equal(0, Tick((4, Noon, 100), (8, Noon, 50)));
        Assert.Equal(2, Tick((4, Noon, 100), (8, Noon, 50), (12, Noon, 2)));
    }
}
