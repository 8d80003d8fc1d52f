using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows.Disks;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Agent.Configuration;
using Weir.Agent.Tests.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows.Pdh;

/// <summary>From counters to series: disks and configured objects.</summary>
[Collection(PdhCollection.Name)]
public sealed partial class PdhCollectorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakePdh _fake = new();
    private readonly Columns _columns = new();
    private readonly PdhSession _session;

    public PdhCollectorTests() => _session = new PdhSession(_time, static () => true);

    public void Dispose()
    {
        _fake.Dispose();
        Assert.Equal((0, 0), (FakePdh.OpenQueries, FakePdh.OpenCounters));
    }

    private PdhCollector Make(PdhObject performanceObject, NamePatterns? names = null) => new("test", performanceObject, names ?? NamePatterns.None, _session);

    private static PdhObject Configured(params PdhCounterConfig[] counters) =>
        PdhConfigured.ObjectOf(new PdhObjectConfig { Name = "test", PerformanceObject = "O", Instances = NamePatterns.None, Counters = counters });

    private void Disk(string instance, long first, bool isOlder = false)
    {
        string[] names = ["Disk Read Bytes/sec", "Disk Write Bytes/sec", "Disk Reads/sec", "Disk Writes/sec", "% Disk Read Time", "% Disk Write Time", "% Idle Time", "Current Disk Queue Length"];
        for (int i = 0; i < names.Length - (isOlder ? 2 : 0); i++) _fake.Value("PhysicalDisk", names[i], instance, first + i, i == 6 ? first * 3 : 0);
    }

    private void DeclareDisks(bool isOlder = false)
    {
        _fake.Object("PhysicalDisk");
        foreach (string name in (string[])["Disk Read Bytes/sec", "Disk Write Bytes/sec"]) _fake.Counter("PhysicalDisk", name, FakePdh.Count64);
        foreach (string name in (string[])["Disk Reads/sec", "Disk Writes/sec"]) _fake.Counter("PhysicalDisk", name, FakePdh.Count32);
        foreach (string name in (string[])["% Disk Read Time", "% Disk Write Time", "% Idle Time"])
            if (!isOlder || name != "% Idle Time") _fake.Counter("PhysicalDisk", name, FakePdh.PrecisionTimer);
        if (!isOlder) _fake.Counter("PhysicalDisk", "Current Disk Queue Length", FakePdh.RawCount);
    }

    [Fact]
    public void Disks_ReadAndWriteBusyAndQueue()
    {
        DeclareDisks();
        _fake.At(1);
        Disk("0 C:", 10_000_000);
        Disk("_Total", 10_000_000);
        _fake.At(2);
        Disk("0 C: E:", 20_000_000);
        _fake.At(3);
        Disk("0 C: E:", 30_000_000);
        using PdhCollector collector = Make(DiskObjects.Disks);
        Assert.Equal("0", collector.Tick(_columns)["system.disk.io_time{PhysicalDrive0}"]);
        // The instance is another, the disk the same: 32 bits begin anew.
        Assert.Equal("0", collector.Tick(_columns)["system.disk.operations{PhysicalDrive0,read}"]);
        Dictionary<string, string> values = collector.Tick(_columns);
        Assert.Equal(8, values.Count);
        Assert.Equal(("30000000", "30000001"), (values["system.disk.io{PhysicalDrive0,read}"], values["system.disk.io{PhysicalDrive0,write}"]));
        Assert.Equal(("10000000", "10000000"), (values["system.disk.operations{PhysicalDrive0,read}"], values["system.disk.operations{PhysicalDrive0,write}"]));
        Assert.Equal(("3.0000004", "3.0000005"), (values["system.disk.operation_time{PhysicalDrive0,read}"], values["system.disk.operation_time{PhysicalDrive0,write}"]));
        Assert.Equal("30000007", values["system.disk.pending_operations{PhysicalDrive0}"]);
    }

    [Fact]
    public void Disks_OlderBuild_LacksWhatIsMissingOnly()
    {
        DeclareDisks(isOlder: true);
        Disk("0 C:", 1000, isOlder: true);
        using PdhCollector collector = Make(DiskObjects.Disks);
        Assert.Equal(["system.disk.io", "system.disk.operation_time", "system.disk.operations"], collector.Tick(_columns).Keys.Select(static key => key.Split('{')[0]).Distinct().Order());
    }

    [Fact]
    public void Disks_Patterns_NameDevices()
    {
        DeclareDisks();
        foreach (string instance in (string[])["0 C:", "1 D:", "2"]) Disk(instance, 1000);
        using PdhCollector collector = Make(DiskObjects.Disks, new NamePatterns([], ["PhysicalDrive1"]));
        Assert.Equal(["PhysicalDrive0", "PhysicalDrive2"], collector.Tick(_columns).Keys.Select(static key => key.Split('{', ',', '}')[1]).Distinct().Order());
    }

    [Fact]
    public void Disks_NothingChanges_AllocatesNothing()
    {
        DeclareDisks();
        Disk("0 C:", 1000);
        using PdhCollector collector = Make(DiskObjects.Disks);
        for (int run = 0; run < 10; run++) collector.Collect(_columns);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 10; run++)
        {
            _columns.Clear();
            collector.Collect(_columns);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Disk_NoSourceWorks_SaysOfEachWhy()
    {
        CollectorInfo info = CollectorCatalog.All.Single(static info => info.Name == "disk");
        using SourcedCollector collector = info.TryCreate(CollectorContext.Default, NullLogger.Instance)!;
        Assert.ThrowsAny<Exception>(() => collector.Tick(_columns));
        Assert.Equal((SourceState.Failed, SourceState.Failed), (collector.StateOf(0), collector.StateOf(1)));
        Assert.Contains("'PhysicalDisk' is not on this system", collector.ErrorOf(0)!.Message, StringComparison.Ordinal);
        Assert.Contains("PhysicalDrive", collector.ErrorOf(1)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void DiskReading_IsLaidOutAsTheHeadersSay()
    {
        DiskReading reading;
        Assert.Equal((uint)sizeof(DiskReading), WeirFakeDiskPerformance(&reading, (uint)sizeof(DiskReading)));
        Assert.Equal((1, 2, 3, 4, 5), (reading.BytesRead, reading.BytesWritten, reading.ReadTime, reading.WriteTime, reading.IdleTime));
        Assert.Equal((6, 7, 8, 9, 10, 11, 'x'), ((int)reading.ReadCount, (int)reading.WriteCount, (int)reading.QueueDepth, (int)reading.SplitCount, reading.QueryTime, (int)reading.DeviceNumber, reading.ManagerName[7]));
    }

    [Fact]
    public void Cpu_ModesAddUpAndProcessorsAreNumberedThrough()
    {
        _fake.Object("Processor Information");
        string[] counters = ["% User Time", "% Privileged Time", "% Idle Time", "% Interrupt Time", "% DPC Time"];
        foreach (string counter in counters) _fake.Counter("Processor Information", counter, FakePdh.Timer);
        _fake.Counter("Processor Information", "Interrupts/sec", FakePdh.Count32);
        for (int step = 1; step <= 2; step++)
        {
            _fake.At(step);
            foreach ((string instance, long cpu) in ((string, long)[])[("1,0", 2), ("0,10", 1), ("0,2", 0), ("0,_Total", 9), ("_Total", 9)])
            {
                for (int i = 0; i < counters.Length; i++) _fake.Value("Processor Information", counters[i], instance, ((cpu * 100) + (step * (long)(10 >> i))) * 10_000_000);
                _fake.Value("Processor Information", "Interrupts/sec", instance, (cpu * 1000) + (step * 7));
            }
        }

        using var collector = new PdhCpuCollector(_session);
        collector.Tick(_columns);
        Dictionary<string, string> values = collector.Tick(_columns);
        Assert.Equal(("20", "8", "4", "2"), (values["system.cpu.time{0,user}"], values["system.cpu.time{0,system}"], values["system.cpu.time{0,idle}"], values["system.cpu.time{0,interrupt}"]));
        Assert.Equal(("100", "200", "7"), (values["windows.cpu.dpc.time{1}"], values["windows.cpu.dpc.time{2}"], values["windows.cpu.interrupts{1}"]));
        Assert.Equal(("120", "220", "3"), (values["system.cpu.time{1,user}"], values["system.cpu.time{2,user}"], values["system.cpu.logical.count{}"]));
        Assert.Equal("0.8824", values["system.cpu.utilization{0}"]); // 15 of 17 seconds
    }

    [Fact]
    public void Frequency_OfProcessorsOfSeveralGroups_IsThatOfTheNumbersOfTheTimes()
    {
        _fake.Object("Processor Information").Counter("Processor Information", "Processor Frequency", FakePdh.RawCount);
        foreach ((string instance, long megahertz) in ((string, long)[])[("1,0", 3000), ("0,10", 2000), ("0,2", 1000), ("0,_Total", 9), ("_Total", 9)]) _fake.Value("Processor Information", "Processor Frequency", instance, megahertz);
        using var collector = new PdhFrequencyCollector(_session);
        Assert.Equal(
            ["system.cpu.frequency{0}=1000000000", "system.cpu.frequency{1}=2000000000", "system.cpu.frequency{2}=3000000000"],
            collector.Tick(_columns).Select(static pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(["CallNtPowerInformation", "PDH Processor Information"], CollectorCatalog.All.Single(static info => info.Name == "cpu_frequency").Windows.Select(static source => source.Name));
    }

    [Fact]
    public void CpuQueue_AndVolumes_AndZones()
    {
        _fake.Object("System").Counter("System", "Processor Queue Length", FakePdh.RawCount).Value("System", "Processor Queue Length", "", 7);
        _fake.Object("LogicalDisk").Counter("LogicalDisk", "Current Disk Queue Length", FakePdh.RawCount).Value("LogicalDisk", "Current Disk Queue Length", "C:", 2);
        _fake.Object("Thermal Zone Information").Counter("Thermal Zone Information", "High Precision Temperature", FakePdh.RawCount);
        _fake.Value("Thermal Zone Information", "High Precision Temperature", @"\_TZ.CPUZ", 3232).Value("Thermal Zone Information", "High Precision Temperature", @"\_TZ.NONE", 0);
        using PdhCollector queue = Make(PdhObjects.CpuQueue), volumes = Make(DiskObjects.Volumes), zones = Make(PdhObjects.ThermalZones);
        Assert.Equal("windows.cpu.queue.length{}=7", string.Join(' ', queue.Tick(new Columns()).Select(static pair => $"{pair.Key}={pair.Value}")));
        Assert.Equal("windows.logical_disk.io_time{C:}=- windows.logical_disk.pending_operations{C:}=2", string.Join(' ', volumes.Tick(new Columns()).Select(static pair => $"{pair.Key}={pair.Value}")));
        Dictionary<string, string> temperatures = zones.Tick(new Columns());
        Assert.Equal(50.05, double.Parse(temperatures[@"hw.temperature{\_TZ.CPUZ,thermal zone}"], System.Globalization.CultureInfo.InvariantCulture), 6);
        Assert.Equal("-", temperatures[@"hw.temperature{\_TZ.NONE,thermal zone}"]);
    }

    [Fact]
    public void Configured_EachCounter_IsATemplateOfItsOwn()
    {
        _fake.Object("O").Counter("O", "Memory (KB)", FakePdh.RawCount).Counter("O", "Total", FakePdh.RawCount);
        for (int step = 1; step <= 2; step++) _fake.At(step).Value("O", "Memory (KB)", "w", 3).Value("O", "Total", "w", 5 * step);
        using PdhCollector collector = Make(Configured(
            new PdhCounterConfig("Memory (KB)", new Metric("windows.memory", "By", MetricKind.Gauge), Factor: 1024),
            new PdhCounterConfig("Total", new Metric("windows.total", "1", MetricKind.Counter)),
            new PdhCounterConfig("of a later build", new Metric("windows.later", "1", MetricKind.Gauge))));
        collector.Tick(_columns);
        Dictionary<string, string> values = collector.Tick(_columns);
        Assert.Equal(["windows.memory{w}=3072", "windows.total{w}=5"], values.Select(static pair => $"{pair.Key}={pair.Value}"));
    }

    [Theory]
    [InlineData(FakePdh.Count64, MetricKind.Gauge, "is a counter, and configured as a gauge")]
    [InlineData(FakePdh.RawFraction, MetricKind.Counter, "is a gauge, and configured as a counter")]
    [InlineData(0x00000B00u, MetricKind.Gauge, "has no value that could be shipped")]
    public void Configured_KindThatTheTypeHasNot_IsSaid(uint type, MetricKind kind, string said)
    {
        _fake.Object("O").Counter("O", "c", type).Value("O", "c", "a", 1, 2);
        using PdhCollector collector = Make(Configured(new PdhCounterConfig("c", new Metric("windows.c", "1", kind))));
        for (int tick = 0; tick < 2; tick++)
        {
            string message = Assert.Throws<NotSupportedException>(() => collector.Tick(_columns)).Message;
            Assert.Contains(said, message, StringComparison.Ordinal);
            Assert.Contains(@"\O\c", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Configured_TimeBaseThatIsRefused_IsSaidWithTheCounterAndTheOthersAreShipped()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Counter("O", "t", FakePdh.TickTimer).Value("O", "c", "a", 1).Value("O", "t", "a", 2, 3).Status("timebase", "O", "t", FakePdh.InvalidArgument);
        using PdhCollector collector = Make(Configured(new PdhCounterConfig("c", new Metric("windows.c", "1", MetricKind.Gauge)), new PdhCounterConfig("t", new Metric("windows.t", "s", MetricKind.Counter))));
        Assert.Equal(["windows.c{a}=1"], collector.Tick(_columns).Select(static pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(@"\O\t of type 0x20410500: left out, for PDH gives no time base", collector.Shortfall);
    }

    [Fact]
    public void Configured_MoreInstancesThanTheLimit_AreCountedInASeries()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount);
        for (int i = 0; i < 7; i++) _fake.Value("O", "c", $"i{i}", i);
        using PdhCollector collector = Make(Configured(new PdhCounterConfig("c", new Metric("windows.c", "1", MetricKind.Gauge))) with { MaxInstances = 3 });
        Assert.Equal(["windows.c{i0}=0", "windows.c{i1}=1", "windows.c{i2}=2", "weir.agent.instances.left_out{test}=4"], collector.Tick(_columns).Select(static pair => $"{pair.Key}={pair.Value}"));
    }

    [LibraryImport("pdh.dll")]
    private static unsafe partial uint WeirFakeDiskPerformance(DiskReading* to, uint size);
}
