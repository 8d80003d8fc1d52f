using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

public sealed class WindowsFilesystemCollectorTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Collect_SystemDrive_HasTheSpaceThatTheRuntimeSays()
    {
        using SourcedCollector collector = Native.Of("filesystem");
        Dictionary<string, double> values = Readings.Of(collector);
        var drive = new DriveInfo("C");
        string mount = $"C:,C:\\,{drive.DriveFormat},rw";
        Assert.Equal(drive.TotalSize, values[$"system.filesystem.limit{{{mount}}}"]);
        double used = values[$"system.filesystem.usage{{{mount},used}}"], free = values[$"system.filesystem.usage{{{mount},free}}"], reserved = values[$"system.filesystem.usage{{{mount},reserved}}"];
        Assert.True(used > 0 && free > 0 && reserved >= 0);
        Assert.Equal(drive.TotalSize, used + free + reserved);
        Assert.Equal(used / (used + free), values[$"system.filesystem.utilization{{{mount}}}"], 4);
    }

    [Fact]
    public void Collect_Patterns_ChooseMountPoints()
    {
        using SourcedCollector all = Native.Of("filesystem"), none = Native.Of("filesystem", new NamePatterns([], [@"?:\"])), one = Native.Of("filesystem", new NamePatterns([@"c:\"], []));
        int whole = Readings.Of(all).Count;
        Assert.Empty(Readings.Of(none));
        Assert.Equal(5, Readings.Of(one).Count);
        Assert.Equal(0, whole % 5);
    }

    [Fact]
    public void Collect_VolumeThatGoesAfterItWasListed_IsNotHereAndTheRestGoesOn()
    {
        string? gone = null;
        using var collector = new WindowsFilesystemCollector(CollectorContext.Default, Read);
        var columns = new Columns();
        collector.Collect(columns);
        int volumes = columns.Count / 5;
        Assert.True(volumes >= 2, "wine has C: and Z:");
        gone = Roots()[0];
        columns.Clear();
        collector.Collect(columns);
        Assert.Equal(5 * volumes, columns.Count);
        Assert.All([0, 1, 2, volumes * 3, (volumes * 3) + 1], series => Assert.Equal(FailureReason.NotHere, Columns.ReasonOf(columns.States[series])));
        Assert.All([3, 4, 5, (volumes * 3) + 2, (volumes * 3) + 3], series => Assert.Equal(Columns.Present, columns.States[series]));

        FailureReason? Read(Volume volume, out VolumeState state)
        {
            FailureReason? failure = VolumeReader.TryRead(volume, out state);
            return volume.Root == gone ? FailureReason.NotHere : failure;
        }
    }

    [Fact]
    public async Task Collect_VolumeThatHangs_IsStuckWithItsNameAndTheOthersGoOnUntilItReturns()
    {
        string hanging = Roots()[0];
        int asked = 0;
        using var gate = new ManualResetEventSlim(initialState: true);
        using var hung = new SemaphoreSlim(0);
        var time = new FakeTimeProvider();
        using var collector = new WindowsFilesystemCollector(CollectorContext.Default with { Time = time }, Read);
        var columns = new Columns();
        collector.Collect(columns);
        int volumes = columns.Count / 5;
        IReadOnlyList<SchemaPart> parts = columns.Parts;

        gate.Reset();
        columns.Clear();
        Task tick = Task.Factory.StartNew(() => collector.Collect(columns), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(await hung.WaitAsync(Limit, TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(2));
        await tick.WaitAsync(Limit, TestContext.Current.CancellationToken);
        AssertStuck();
        columns.Clear();
        collector.Collect(columns);
        AssertStuck();
        // Not asked again while it hangs.
        Assert.Equal((2, 1), (asked, collector.Hanging));

        gate.Set();
        Assert.True(SpinWait.SpinUntil(() => collector.Hanging == 0, Limit));
        columns.Clear();
        collector.Collect(columns);
        Assert.All(columns.States.ToArray(), static state => Assert.Equal(Columns.Present, state));
        Assert.Same(parts, columns.Parts);

        void AssertStuck()
        {
            Assert.All([0, 1, 2, volumes * 3, (volumes * 3) + 1], series => Assert.Equal(FailureReason.Stuck, Columns.ReasonOf(columns.States[series])));
            Assert.All([3, 4, 5, (volumes * 3) + 2, (volumes * 3) + 3], series => Assert.Equal(Columns.Present, columns.States[series]));
        }

        FailureReason? Read(Volume volume, out VolumeState state)
        {
            if (volume.Root == hanging)
            {
                asked++;
                if (!gate.IsSet)
                {
                    hung.Release();
                    gate.Wait(Limit);
                }
            }

            return VolumeReader.TryRead(volume, out state);
        }
    }

    [Fact]
    public async Task Collect_VolumeThatHangsFromTheStart_IsStuckAndGetsItsFilesystemWhenItReturns()
    {
        string hanging = Roots()[0];
        using var gate = new ManualResetEventSlim();
        using var hung = new SemaphoreSlim(0);
        var time = new FakeTimeProvider();
        using var collector = new WindowsFilesystemCollector(CollectorContext.Default with { Time = time }, Read);
        var columns = new Columns();
        Task tick = Task.Factory.StartNew(() => collector.Collect(columns), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(await hung.WaitAsync(Limit, TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(2));
        await tick.WaitAsync(Limit, TestContext.Current.CancellationToken);
        int series = columns.Count;
        Assert.Equal(FailureReason.Stuck, Columns.ReasonOf(columns.States[0]));
        Assert.Equal(["unknown", "unknown"], new Schema(columns.Parts).AttributesOf(0).Skip(2).Take(2).Select(static attribute => attribute.Value));

        gate.Set();
        Assert.True(SpinWait.SpinUntil(() => collector.Hanging == 0, Limit));
        columns.Clear();
        collector.Collect(columns);
        Assert.Equal(series, columns.Count);
        Assert.All(columns.States.ToArray(), static state => Assert.Equal(Columns.Present, state));
        Assert.DoesNotContain(Readings.Of(columns).Keys, static key => key.Contains("unknown", StringComparison.Ordinal));

        FailureReason? Read(Volume volume, out VolumeState state)
        {
            if (volume.Root == hanging && !gate.IsSet)
            {
                hung.Release();
                gate.Wait(Limit);
            }

            return VolumeReader.TryRead(volume, out state);
        }
    }

    [Fact]
    public void Collect_VolumeThatFailsLater_KeepsItsFilesystemAndFails()
    {
        string? failing = null;
        using var collector = new WindowsFilesystemCollector(CollectorContext.Default, Read);
        var columns = new Columns();
        collector.Collect(columns);
        IReadOnlyList<SchemaPart> parts = columns.Parts;
        failing = Roots()[0];
        for (int tick = 0; tick < 2; tick++)
        {
            columns.Clear();
            collector.Collect(columns);
            Assert.Same(parts, columns.Parts);
            Assert.Equal(FailureReason.Error, Columns.ReasonOf(columns.States[0]));
        }

        FailureReason? Read(Volume volume, out VolumeState state)
        {
            state = default;
            return volume.Root == failing ? FailureReason.Error : VolumeReader.TryRead(volume, out state);
        }
    }

    [Fact]
    public void Collect_VolumeThatLosesItsMedium_HasNoSeriesUntilItComesBack()
    {
        string? empty = null;
        using var collector = new WindowsFilesystemCollector(CollectorContext.Default, Read);
        var columns = new Columns();
        collector.Collect(columns);
        int before = columns.Count;
        empty = Roots()[1];
        collector.Collect(columns);
        Assert.Equal(before - 5, columns.Count);
        empty = null;
        collector.Collect(columns);
        Assert.Equal(before, columns.Count);

        FailureReason? Read(Volume volume, out VolumeState state)
        {
            state = default;
            return volume.Root == empty ? FailureReason.NotHere : VolumeReader.TryRead(volume, out state);
        }
    }

    [Fact]
    public void Collect_SteadyTick_AllocatesNothingOnItsThread()
    {
        using var collector = new WindowsFilesystemCollector(CollectorContext.Default);
        var columns = new Columns();
        Assert.Equal(0, Allocations.Least(() =>
        {
            columns.Clear();
            collector.Collect(columns);
        }));
    }

    [Fact]
    public void TryRead_VolumeThatIsNotThere_IsNotHere() =>
        Assert.Equal(FailureReason.NotHere, VolumeReader.TryRead(new Volume(@"\\?\Volume{11111111-2222-3333-4444-555555555555}\", "X:", @"X:\", IsNamed: true), out _));

    [Fact]
    public void Refresh_TheSameVolumes_IsNoChange()
    {
        using var list = new VolumeList(NamePatterns.None);
        Assert.True(list.Refresh());
        Assert.False(list.Refresh());
        Assert.All(list.Volumes, static volume => Assert.StartsWith(@"\\?\Volume{", volume.Root, StringComparison.Ordinal));
    }

    [Fact]
    public void Refresh_ExcludedVolumes_AllocatesNothing()
    {
        using var list = new VolumeList(new NamePatterns([], [@"?:\"]));
        list.Refresh();
        Assert.Empty(list.Volumes);
        Assert.Equal(0, Allocations.Least(() => Assert.False(list.Refresh())));
    }

    private static string[] Roots()
    {
        using var list = new VolumeList(NamePatterns.None);
        list.Refresh();
        return [.. list.Volumes.Select(static volume => volume.Root)];
    }
}
