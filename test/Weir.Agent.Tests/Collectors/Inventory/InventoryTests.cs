using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Inventory;
using Weir.Agent.Collectors.Linux;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Agent.Tests.Collectors.Windows.Wmi;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Inventory;

/// <summary>The inventory of a recorded Linux host, and of a Windows host whose WMI is scripted.</summary>
public sealed class InventoryTests : IDisposable
{
    private const string CpuInfo = """
        processor	: 0
        vendor_id	: GenuineIntel
        model name	: Intel(R) Xeon(R) CPU
        physical id	: 0
        core id		: 0
        processor	: 1
        vendor_id	: GenuineIntel
        model name	: Intel(R) Xeon(R) CPU
        physical id	: 0
        core id		: 0
        processor	: 2
        vendor_id	: GenuineIntel
        model name	: Intel(R) Xeon(R) CPU
        physical id	: 1
        core id		: 0

        """;

    private readonly string _root = Directory.CreateTempSubdirectory("weir-inventory-").FullName;
    private readonly ScriptedWmi _wmi = new();
    private readonly Columns _columns = new();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private LinuxInventory Linux => new(new LinuxRoots(Path.Combine(_root, "proc"), Path.Combine(_root, "sys"), Path.Combine(_root, "etc")));

    private string[] Collect(InventoryCollector collector)
    {
        _columns.Clear();
        collector.Collect(_columns);
        if (_columns.Count == 0) return [];
        var schema = new Schema(_columns.Parts);
        return [.. Enumerable.Range(0, _columns.Count).Select(series => $"{schema.MetricOf(series).Name}{{{string.Join('|', schema.AttributesOf(series).Select(static each => each.Value))}}} {_columns.Values[series]}")];
    }

    private void WriteHost()
    {
        Write("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nnonsense\n");
        Write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
        Write("proc/cpuinfo", CpuInfo);
        Write("sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
        Write("sys/class/dmi/id/product_name", "PowerEdge R650\n");
        Write("sys/class/dmi/id/bios_vendor", "Dell Inc.\n");
        Write("sys/class/dmi/id/bios_version", "1.2.3\n");
        Write("sys/block/sda/device/model", "SAMSUNG MZ7LH1T9  \n");
        Write("sys/block/sda/size", "2000\n");
        Write("sys/block/loop0/size", "8\n");
    }

    [Fact]
    public void Linux_RecordedHost_IsNamedPartByPart()
    {
        WriteHost();
        Assert.Equal(
        [
            "weir.host.os{Debian GNU/Linux|12|6.1.0-18-amd64} 1",
            "weir.host.machine{Dell Inc.|PowerEdge R650} 1",
            "weir.host.firmware{Dell Inc.|1.2.3} 1",
            "weir.host.cpu{CPU0|GenuineIntel|Intel(R) Xeon(R) CPU} 1",
            "weir.host.cpu{CPU1|GenuineIntel|Intel(R) Xeon(R) CPU} 1",
            "system.cpu.physical.count{} 2",
            "weir.host.disk{sda|SAMSUNG MZ7LH1T9} 1",
            "system.disk.limit{sda} 1024000",
        ], Collect(new InventoryCollector(Linux.Read)));
    }

    [Fact]
    public void Linux_NothingThere_IsEmptyNotAnError() => Assert.Empty(Collect(new InventoryCollector(Linux.Read)));

    [Fact]
    public void Collect_NothingChanged_KeepsTheSeriesAndAnUpdateBringsNewOnes()
    {
        WriteHost();
        var collector = new InventoryCollector(Linux.Read);
        string[] before = Collect(collector);
        IReadOnlyList<SchemaPart> parts = _columns.Parts;
        Assert.Equal(before, Collect(collector));
        Assert.Same(parts, _columns.Parts);
        Write("proc/sys/kernel/osrelease", "6.1.0-19-amd64\n");
        Assert.Contains("weir.host.os{Debian GNU/Linux|12|6.1.0-19-amd64} 1", Collect(collector));
        Assert.NotSame(parts, _columns.Parts);
    }

    [Fact]
    public void Windows_ScriptedHost_NamesDisksAsTheDiskCollectorAndLeavesOutWhatRefuses()
    {
        static WmiValue T(string text) => new(WmiValueKind.Text, 0, text);
        _wmi.Answers["Win32_OperatingSystem"] = static () => [[T("Microsoft Windows Server 2022 Standard"), T("10.0.20348"), WmiValue.Of(20348)]];
        _wmi.Answers["Win32_ComputerSystem"] = static () => [[T("HPE"), T("ProLiant DL380")]];
        _wmi.Answers["Win32_BIOS"] = static () => throw WmiFailure.Of(unchecked((int)0x80041003), new WmiQuery(@"root\cimv2", "Win32_BIOS", ["Name"]));
        int asked = 0;
        _wmi.Answers["Win32_Processor"] = () =>
        {
            asked++;
            return [[WmiValue.Of(8), T("CPU0"), T("Intel"), T("Xeon")], [WmiValue.Of(8), T("CPU1"), T("Intel"), T("Xeon")]];
        };
        _wmi.Answers["Win32_PhysicalMemory"] = static () => [[WmiValue.Of(1L << 34)], [WmiValue.Of(1L << 34)]];
        _wmi.Answers["Win32_DiskDrive"] = static () => [[WmiValue.Of(1), T("Generic USB"), default], [WmiValue.Of(0), T("NVMe"), WmiValue.Of(1e12)]];
        using var queue = new WmiQueue(_wmi.Open, TimeProvider.System);
        using InventoryCollector collector = WindowsInventory.Collector(queue);
        string[] values = Collect(collector);
        Assert.Equal(
        [
            "weir.host.os{Microsoft Windows Server 2022 Standard|10.0.20348|20348} 1",
            "weir.host.machine{HPE|ProLiant DL380} 1",
            "weir.host.cpu{CPU0|Intel|Xeon} 1",
            "weir.host.cpu{CPU1|Intel|Xeon} 1",
            "system.cpu.physical.count{} 16",
            "weir.host.memory.installed{} 34359738368",
            "weir.host.disk{PhysicalDrive0|NVMe} 1",
            "weir.host.disk{PhysicalDrive1|Generic USB} 1",
            "system.disk.limit{PhysicalDrive0} 1000000000000",
        ], values);
        Assert.Equal(1, asked);
        Assert.StartsWith("access to Win32_BIOS in root\\cimv2 is denied", collector.Shortfall, StringComparison.Ordinal);

        // What refused once is asked again.
        _wmi.Answers["Win32_BIOS"] = static () => [[T("HPE"), T("U30")]];
        Assert.Equal([.. values, "weir.host.firmware{HPE|U30} 1"], Collect(collector).OrderBy(static value => value.StartsWith("weir.host.firmware", StringComparison.Ordinal)));
        Assert.Null(collector.Shortfall);
    }

    [Fact]
    public void Windows_EveryClassRefuses_FailsWithTheFirstReason()
    {
        using var queue = new WmiQueue(static () => throw new SourceException(FailureReason.NotHere, "WMI is not installed"), TimeProvider.System);
        SourceException error = Assert.Throws<SourceException>(() => Collect(WindowsInventory.Collector(queue)));
        Assert.Equal((FailureReason.NotHere, "WMI is not installed"), (error.Reason, error.Message));
    }
}
