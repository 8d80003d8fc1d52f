using Weir.Agent.Collection;
using Weir.Agent.Collectors.Filesystems;
using Weir.Agent.Collectors.Windows;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Windows;

/// <summary>What the Windows collectors make of the system's answers, with answers that no test machine gives.</summary>
public sealed class WindowsValueTests
{
    [Fact]
    public void Paging_CountersThatWrap_GoOn()
    {
        using var collector = new WindowsPagingCollector();
        Columns columns = Shaped(6);
        collector.CollectCounts(columns, new NativeMethods.PerformanceCounts { PageFaults = uint.MaxValue, PageReads = 10, PagesRead = uint.MaxValue - 1, PageFilePagesWritten = 7, MappedFilePagesWritten = uint.MaxValue });
        double minor = columns.Values[2];
        collector.CollectCounts(columns, new NativeMethods.PerformanceCounts { PageFaults = 99, PageReads = 30, PagesRead = 8, PageFilePagesWritten = 9, MappedFilePagesWritten = 0 });
        Assert.Equal(100 - 20, columns.Values[2] - minor);
        Assert.Equal(20, columns.Values[3]);
        Assert.Equal(10, columns.Values[4]);
        Assert.Equal(2 + 1, columns.Values[5]);
    }

    [Fact]
    public void Paging_MoreReadsThanFaults_IsNoFaultLess()
    {
        using var collector = new WindowsPagingCollector();
        Columns columns = Shaped(6);
        collector.CollectCounts(columns, new NativeMethods.PerformanceCounts { PageFaults = 50, PageReads = 20 });
        collector.CollectCounts(columns, new NativeMethods.PerformanceCounts { PageFaults = 55, PageReads = 90 });
        Assert.Equal((0, 70), (columns.Values[2], columns.Values[3]));
    }

    [Theory]
    [InlineData(1, "closed")]
    [InlineData(2, "listen")]
    [InlineData(5, "established")]
    [InlineData(11, "time_wait")]
    [InlineData(12, "closed")]
    [InlineData(0, "closed")]
    [InlineData(uint.MaxValue, "closed")]
    public void ConnectionStates_PlaceOf_IsThatOfItsName(uint state, string name) => Assert.Equal(["tcp", name], ConnectionStates.Instances[ConnectionStates.PlaceOf(state)]);

    [Fact]
    public void VolumeSpace_WithoutQuota_HasNothingReserved() => Assert.Equal((700, 0, 300), (VolumeReader.SpaceOf(300, 1000, 300).Used, VolumeReader.SpaceOf(300, 1000, 300).Reserved, VolumeReader.SpaceOf(300, 1000, 300).Free));

    [Fact]
    public void VolumeSpace_OfAnAccountWithAQuota_NeverExceedsIt()
    {
        // 100 GB are free on the volume; the account may take 3 of its 10.
        FilesystemSpace space = VolumeReader.SpaceOf(available: 3, total: 10, free: 100);
        Assert.Equal((10, 3, 7, 0), (space.Limit, space.Free, space.Reserved, space.Used));
    }

    [Theory]
    [InlineData(21, FailureReason.NotHere)]
    [InlineData(3, FailureReason.NotHere)]
    [InlineData(5, FailureReason.AccessDenied)]
    [InlineData(unchecked((int)0x80310000), FailureReason.AccessDenied)]
    [InlineData(1117, FailureReason.Error)]
    public void VolumeSpace_ReasonOf_TellsWhatIsGoneFromWhatFails(int error, FailureReason reason) => Assert.Equal(reason, VolumeReader.ReasonOf(error));

    [Theory]
    [InlineData(0x20, 2u, true)]
    [InlineData(0x10, 3u, false)]
    [InlineData(0x10, 4u, false)]
    [InlineData(0x10, null, false)]
    [InlineData(0xE0, 2u, false)]
    [InlineData(0x60, 2u, true)]
    public void Service_ByItself_IsReportedWhereItStartsAutomaticallyAndIsNoUsersCopy(uint type, uint? startType, bool reported) =>
        Assert.Equal(reported, ServiceInfo.IsReported(type, startType));

    [Fact]
    public void Battery_StatusesInTurn_GiveSeriesOnlyWhileThereIsOne()
    {
        var columns = new Columns();
        WindowsBatteryCollector.Collect(columns, new NativeMethods.PowerStatus { BatteryFlags = 0x80, ChargePercent = 255, SecondsLeft = -1, LineStatus = 1 });
        Assert.Equal(0, columns.Count);
        WindowsBatteryCollector.Collect(columns, new NativeMethods.PowerStatus { BatteryFlags = 0xFF, ChargePercent = 255, SecondsLeft = -1, LineStatus = 255 });
        Assert.Equal(0, columns.Count);
        WindowsBatteryCollector.Collect(columns, new NativeMethods.PowerStatus { BatteryFlags = 8, ChargePercent = 55, SecondsLeft = -1, LineStatus = 1 });
        Assert.Equal([Columns.Present, Columns.NotDue, Columns.Present], columns.States.ToArray());
        Assert.Equal((0.55, 1), (columns.Values[0], columns.Values[2]));
        columns.Clear();
        WindowsBatteryCollector.Collect(columns, new NativeMethods.PowerStatus { BatteryFlags = 2, ChargePercent = 30, SecondsLeft = 3600, LineStatus = 0 });
        Assert.Equal([0.3, 3600, 0], columns.Values.ToArray());
        WindowsBatteryCollector.Collect(columns, new NativeMethods.PowerStatus { BatteryFlags = 0x80 });
        Assert.Equal(0, columns.Count);
    }

    private static Columns Shaped(int series)
    {
        var columns = new Columns();
        var template = new Template(NamingRule.OpenTelemetry, ["system.device"], [new Metric("system.disk.io_time", "s", MetricKind.Counter)]);
        columns.Shape([new SchemaPart(template, [.. Enumerable.Range(0, series).Select(static i => (string[])[$"d{i}"])])]);
        return columns;
    }
}
