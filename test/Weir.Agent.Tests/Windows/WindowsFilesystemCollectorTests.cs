using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

public sealed class WindowsFilesystemCollectorTests
{
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

        FailureReason? Read(string root, out VolumeSpace space) => root == gone ? Gone(out space) : VolumeSpace.TryRead(root, out space);

        static FailureReason? Gone(out VolumeSpace space)
        {
            space = default;
            return FailureReason.NotHere;
        }
    }

    [Fact]
    public void TryRead_VolumeThatIsNotThere_IsNotHere() =>
        Assert.Equal(FailureReason.NotHere, VolumeSpace.TryRead(@"\\?\Volume{11111111-2222-3333-4444-555555555555}\", out _));

    [Fact]
    public void Refresh_TheSameVolumes_IsNoChange()
    {
        using var list = new VolumeList(NamePatterns.None);
        Assert.True(list.Refresh());
        Assert.False(list.Refresh());
        Assert.All(list.Volumes, static volume => Assert.StartsWith(@"\\?\Volume{", volume.Root, StringComparison.Ordinal));
    }

    private static string[] Roots()
    {
        using var list = new VolumeList(NamePatterns.None);
        list.Refresh();
        return [.. list.Volumes.Select(static volume => volume.Root)];
    }
}
