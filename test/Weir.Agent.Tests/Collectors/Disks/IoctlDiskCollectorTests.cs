using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows.Disks;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Collectors.Disks;

/// <summary>Disks by a scripted call.</summary>
public sealed class IoctlDiskCollectorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<string, (int Error, DiskReading Reading)> _disks = [];
    private readonly Columns _columns = new();

    private IoctlDiskCollector Make(NamePatterns? names = null) =>
        new(new CollectorContext(new LinuxRoots(), _time, new CollectorConfig { Names = names ?? NamePatterns.None }), Read);

    private int Read(string path, out DiskReading reading)
    {
        bool isThere = _disks.TryGetValue(path, out (int Error, DiskReading Reading) disk);
        reading = disk.Reading;
        return isThere ? disk.Error : DiskDevices.NotFound;
    }

    private void Disk(int number, DiskReading reading, int error = 0) => _disks[$@"\\.\PhysicalDrive{number}"] = (error, reading);

    [Fact]
    public void Collect_Reading_IsShippedInSecondsAndWidened()
    {
        Disk(0, new DiskReading { BytesRead = 1000, BytesWritten = 2000, ReadTime = 15_000_000, WriteTime = 20_000_000, IdleTime = 100, ReadCount = uint.MaxValue, WriteCount = 7, QueueDepth = 3, QueryTime = 1_000_000 });
        using IoctlDiskCollector collector = Make();
        Dictionary<string, string> values = collector.Tick(_columns);
        Assert.Equal(
            ("1000", "2000", "0", "0", "1.5", "2", "0", "3"),
            (values["system.disk.io{PhysicalDrive0,read}"], values["system.disk.io{PhysicalDrive0,write}"], values["system.disk.operations{PhysicalDrive0,read}"], values["system.disk.operations{PhysicalDrive0,write}"],
            values["system.disk.operation_time{PhysicalDrive0,read}"], values["system.disk.operation_time{PhysicalDrive0,write}"], values["system.disk.io_time{PhysicalDrive0}"], values["system.disk.pending_operations{PhysicalDrive0}"]));
        Disk(0, new DiskReading { IdleTime = 4_000_100, QueryTime = 11_000_000, ReadCount = 1 });
        _time.Advance(TimeSpan.FromSeconds(1));
        values = collector.Tick(_columns);
        Assert.Equal(("2", "0.6"), (values["system.disk.operations{PhysicalDrive0,read}"], values["system.disk.io_time{PhysicalDrive0}"]));
        // The wall clock is set a day on.
        for (int second = 2; second <= 3; second++)
        {
            Disk(0, new DiskReading { IdleTime = 100 + (second * 4_000_000), QueryTime = TimeSpan.TicksPerDay + 1_000_000 + (second * 10_000_000), ReadCount = 1 });
            _time.Advance(TimeSpan.FromSeconds(1));
            values = collector.Tick(_columns);
        }

        Assert.Equal("1.2", values["system.disk.io_time{PhysicalDrive0}"]);
    }

    [Fact]
    public void Collect_DisksComeAndGo_AreFoundWithinAMinuteAndForgottenAtOnce()
    {
        Disk(0, default);
        Disk(3, default);
        using IoctlDiskCollector collector = Make();
        Assert.Equal(["PhysicalDrive0", "PhysicalDrive3"], Devices(collector));
        Disk(5, default);
        Assert.Equal(2, Devices(collector).Length);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["PhysicalDrive0", "PhysicalDrive3", "PhysicalDrive5"], Devices(collector));
        _disks.Remove(@"\\.\PhysicalDrive3");
        Assert.Equal(["PhysicalDrive0", "PhysicalDrive5"], Devices(collector));
    }

    private string[] Devices(IoctlDiskCollector collector) =>
        [.. collector.Tick(_columns).Keys.Where(static key => key.StartsWith("system.disk.io_time{", StringComparison.Ordinal)).Select(static key => key.Split('{', '}')[1])];

    [Fact]
    public void Collect_OneDiskIsRefused_FailsAlone()
    {
        Disk(0, default);
        Disk(1, default, DiskDevices.Denied);
        using IoctlDiskCollector collector = Make();
        Dictionary<string, string> values = collector.Tick(_columns);
        Assert.All(values, static pair => Assert.Equal(pair.Key.Contains("PhysicalDrive1", StringComparison.Ordinal) ? "AccessDenied" : "0", pair.Value));
        Assert.Equal(16, values.Count);
    }

    [Theory]
    [InlineData(DiskDevices.NotSupported)]
    [InlineData(DiskDevices.NotFunction)]
    public void Collect_CountersAreOff_NamesTheRegistryValue(int error)
    {
        Disk(0, default, error);
        using IoctlDiskCollector collector = Make();
        string message = Assert.Throws<NotSupportedException>(() => collector.Tick(_columns)).Message;
        Assert.Contains(@"HKLM\SYSTEM\CurrentControlSet\Services\PartMgr", message, StringComparison.Ordinal);
        Assert.Contains("EnableCounterForIoctl", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_EveryDiskIsRefused_IsAccessDenied()
    {
        Disk(0, default, DiskDevices.Denied);
        using IoctlDiskCollector collector = Make();
        Assert.Throws<UnauthorizedAccessException>(() => collector.Tick(_columns));
    }

    [Fact]
    public void Collect_NoDisk_IsNotHere()
    {
        using IoctlDiskCollector collector = Make();
        Assert.Throws<FileNotFoundException>(() => collector.Tick(_columns));
    }

    [Fact]
    public void Collect_Patterns_ChooseDisks()
    {
        for (int disk = 0; disk < 3; disk++) Disk(disk, default);
        using IoctlDiskCollector collector = Make(new NamePatterns([], ["*2"]));
        Assert.Equal(["PhysicalDrive0", "PhysicalDrive1"], Devices(collector));
    }

    [Fact]
    public void Collect_NothingChanges_AllocatesNothing()
    {
        Disk(0, default);
        using IoctlDiskCollector collector = Make();
        for (int run = 0; run < 10; run++) collector.Collect(_columns);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 10; run++) collector.Collect(_columns);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("0 C:", "PhysicalDrive0")]
    [InlineData("12 D: E:", "PhysicalDrive12")]
    [InlineData("3", "PhysicalDrive3")]
    [InlineData("C:", "C:")]
    [InlineData("1st", "1st")]
    [InlineData("", "")]
    public void DiskName_Instance_IsTheDeviceWhateverItsVolumes(string instance, string name) => Assert.Equal(name, DiskObjects.DiskName(instance));
}
