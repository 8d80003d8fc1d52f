using System.Diagnostics;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

/// <summary>Real queries to the system's WMI through the queue.</summary>
public sealed class WmiConnectionTests
{
    private const string CimV2 = @"root\cimv2";

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
        WmiValue[] row = Assert.Single(Ask("Win32_LogicalDisk", ["DeviceID", "Size", "FreeSpace"], "DeviceID = 'C:'"));
        var drive = new DriveInfo("C:");
        Assert.Equal(("C:", (double)drive.TotalSize), (row[0].AsAttribute(), row[1].Number));
        // Others write to the same disk meanwhile.
        Assert.InRange(row[2].Number, drive.TotalFreeSpace - (4.0 * (1 << 30)), drive.TotalFreeSpace + (4.0 * (1 << 30)));
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
    public void Probe()
    {
        foreach (string name in (string[])["Win32_OperatingSystem", "Win32_ComputerSystem", "Win32_Processor", "Win32_BIOS", "Win32_PhysicalMemory", "Win32_DiskDrive", "Win32_LogicalDisk", "Win32_Service", "Win32_Process", "Win32_NetworkAdapter", "Win32_VideoController"])
        {
            var watch = Stopwatch.StartNew();
            int rows = 0;
            for (int i = 0; i < 5; i++) rows += Ask(name, ["Name"]).Count;
            TestContext.Current.TestOutputHelper?.WriteLine($"{name} {rows / 5} rows {watch.ElapsedMilliseconds / 5} ms");
        }

        for (int i = 0; i < 3; i++)
        {
            using var process = Process.GetCurrentProcess();
            TestContext.Current.TestOutputHelper?.WriteLine($"handles {process.HandleCount} private {process.PrivateMemorySize64} paged {process.PagedMemorySize64} ws {process.WorkingSet64} virtual {process.VirtualMemorySize64} env {Environment.WorkingSet}");
            for (int q = 0; q < 100; q++) Ask("Win32_OperatingSystem", ["Name", "Version"]);
        }

        try { foreach (var r in Ask("Win32_OperatingSystem", ["Version", "Nothing"])) TestContext.Current.TestOutputHelper?.WriteLine($"{r[0]} {r[1]}"); } catch (Exception e) { TestContext.Current.TestOutputHelper?.WriteLine(e.ToString()); }
    }
}
