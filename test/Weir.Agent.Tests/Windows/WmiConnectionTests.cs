using System.Diagnostics;
using System.Runtime.InteropServices;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Agent.Collectors.Windows.Wmi.Com;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

/// <summary>Real queries to the system's WMI through the queue. Alone, since what the whole process takes is measured.</summary>
[CollectionDefinition(nameof(WmiConnectionTests), DisableParallelization = true)]
[Collection(nameof(WmiConnectionTests))]
public sealed class WmiConnectionTests
{
    private const string CimV2 = @"root\cimv2";

    private static bool IsWine => NativeLibrary.TryGetExport(NativeLibrary.Load("ntdll.dll"), "wine_get_version", out _);

    private static WmiQueue Queue => WmiQueue.Shared;

    private static IReadOnlyList<WmiValue[]> Ask(string className, string[] properties, string? where = null) => Queue.Run(new WmiQuery(CimV2, className, properties, where));

    [Fact]
    public void Run_OperatingSystem_IsThisOne()
    {
        WmiValue[] row = Assert.Single(Ask("Win32_OperatingSystem", ["Version", "BuildNumber", "Caption", "TotalVisibleMemorySize", "LastBootUpTime"]));
        Assert.Equal(Environment.OSVersion.Version.Build, row[1].Number);
        Assert.NotEmpty(row[2].AsAttribute());
        // 64 bits come as text; kilobytes of this machine's memory.
        Assert.InRange(row[3].Number * 1024, 64 << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 1024.0);
        Assert.InRange(row[4].Number, 1, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
    }

    [Fact]
    public void Run_LogicalDisk_HasTheSizeAndFreeSpaceThatTheFileSystemSays()
    {
        WmiValue[] row = Assert.Single(Ask("Win32_LogicalDisk", ["DeviceID", "Size"], "DeviceID = 'C:'"));
        Assert.Equal("C:", row[0].AsAttribute());
        // On Windows the file system's own size; wine asks the driver, which makes a geometry up.
        Assert.Equal(IsWine ? DiskGeometry.SizeOf("C:") : new DriveInfo("C:").TotalSize, row[1].Number);
        AssertFree(() => Assert.Single(Ask("Win32_LogicalDisk", ["FreeSpace"], "DeviceID = 'C:'"))[0].Number);
    }

    [Fact]
    public void Run_Services_HaveAStateAndATruthValue()
    {
        IReadOnlyList<WmiValue[]> rows = Ask("Win32_Service", ["Name", "State", "AcceptStop", "ProcessId"]);
        Assert.NotEmpty(rows);
        Assert.All(rows, static row => Assert.Equal((WmiValueKind.Text, WmiValueKind.Text, WmiValueKind.Number), (row[0].Kind, row[1].Kind, row[2].Kind)));
        Assert.Contains(rows, static row => row[1].Text == "Running" && row[3].Number > 0);
        Assert.Equal(rows.Count, rows.Select(static row => row[0].Text).Distinct().Count());
    }

    [Fact]
    public void Collect_ConfiguredLogicalDisks_AreThoseOfTheFileSystem()
    {
        var config = new WmiClassConfig
        {
            Name = "disks",
            ClassName = "Win32_LogicalDisk",
            Where = "DriveType = 3",
            Properties = [new WmiPropertyConfig("FreeSpace", new Metric("windows.logical_disk.free", "By", MetricKind.Gauge))],
            Attributes = [new WmiAttributeConfig("DeviceID", "system.device")],
        };
        using var collector = new WmiClassCollector(config, Queue);
        var columns = new Columns();
        for (int tick = 0; tick < 2; tick++)
        {
            columns.Clear();
            collector.Collect(columns);
            var schema = new Schema(columns.Parts);
            int c = Enumerable.Range(0, columns.Count).Single(series => schema.AttributesOf(series)[0] == new SeriesAttribute("system.device", "C:"));
            Assert.Equal("windows.logical_disk.free", schema.MetricOf(c).Name);
            AssertFree(() =>
            {
                columns.Clear();
                collector.Collect(columns);
                return columns.Values[c];
            });
        }
    }

    // Between two answers of GetDiskFreeSpaceEx, unless somebody has written and deleted in between: then it is asked again.
    private static void AssertFree(Func<double> ask)
    {
        const int Attempts = 100;
        double before, asked, after;
        int attempt = 0;
        do
        {
            before = new DriveInfo("C:").TotalFreeSpace;
            asked = ask();
            after = new DriveInfo("C:").TotalFreeSpace;
        }
        while ((asked < Math.Min(before, after) || asked > Math.Max(before, after)) && ++attempt < Attempts);
        Assert.InRange(asked, Math.Min(before, after), Math.Max(before, after));
    }

    [Fact]
    public void Run_UnknownNamespace_IsNotHereAndNamed()
    {
        SourceException error = Assert.Throws<SourceException>(() => Queue.Run(new WmiQuery(@"root\nothing", "Win32_Service", ["Name"])));
        Assert.Equal(FailureReason.NotHere, error.Reason);
        Assert.Contains(@"root\nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_UnknownClass_IsNotHereOrEmpty()
    {
        // Windows says that there is none; wine answers no rows.
        try
        {
            Assert.Empty(Ask("Win32_Nothing", ["Name"]));
        }
        catch (SourceException error)
        {
            Assert.Equal(FailureReason.NotHere, error.Reason);
        }
    }

    [Fact]
    public void Run_UnknownProperty_IsRefusedAndNamed()
    {
        SourceException error = Assert.Throws<SourceException>(() => Ask("Win32_OperatingSystem", ["Version", "Nothing"]));
        Assert.Contains("Nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ConditionThatIsNone_IsRefusedWithTheQuery()
    {
        SourceException error = Assert.Throws<SourceException>(() => Ask("Win32_OperatingSystem", ["Version"], "this is = = none"));
        Assert.Equal(FailureReason.Error, error.Reason);
        Assert.Contains("WHERE this is = = none", error.Message, StringComparison.Ordinal);
        Assert.Single(Ask("Win32_OperatingSystem", ["Version"]));
    }

    [Fact]
    public void Run_MoreRowsThanMay_IsRefusedNotCut()
    {
        SourceException error = Assert.Throws<SourceException>(() => Queue.Run(new WmiQuery(CimV2, "Win32_Service", ["Name"]) { MaxRows = 2 }));
        Assert.Contains("more than 2 rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FiveHundredTimes_KeepsNoObjectsHandlesOrMemory()
    {
        // Many texts a row: if each were kept, 500 queries would hold some 80,000 of them, 3 MB and more. Heaps grow by themselves at first, a leak in every round.
        const int MostRounds = 5;
        string[] properties = [.. Enumerable.Repeat("Name", 20)];
        for (int query = 0; query < 50; query++) Ask("Win32_Process", properties);
        var grown = new List<long>();
        while (grown.Count < MostRounds && grown.LastOrDefault(long.MaxValue) > 256 << 10)
        {
            (int objects, int handles, long bytes) = Held();
            int rows = 0;
            for (int query = 0; query < 500; query++) rows += Ask("Win32_Process", properties).Count;
            (int objectsAfter, int handlesAfter, long bytesAfter) = Held();
            Assert.InRange(rows, 500, int.MaxValue);
            Assert.InRange(objectsAfter, 2, objects);
            Assert.InRange(handlesAfter - handles, -100, 10);
            grown.Add(bytesAfter - bytes);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"bytes grown in each round: {string.Join(", ", grown)}");
        Assert.InRange(grown[^1], long.MinValue, 256 << 10);
    }

    private static (int Objects, int Handles, long Bytes) Held()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return (ComReferences.Held, process.HandleCount, process.PagedMemorySize64);
    }
}
