using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>The Linux collectors on recorded kernel files with values checked by hand, and on this machine.</summary>
public sealed class LinuxCollectorTests : IDisposable
{
    // Inventory: every five minutes, and text above all. Processes and groups come and go on a machine that works; their collectors are held to it where nothing does.
    private static readonly string[] MayAllocate = ["inventory", "process", "cgroup"];

    private readonly LinuxTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Memory_Fixture_IsReadInBytes()
    {
        _tree.Write("proc/meminfo", "MemTotal:       1000 kB\nMemFree:         400 kB\nMemAvailable:    700 kB\nBuffers:          50 kB\nCached:          200 kB\nSReclaimable:     40 kB\nSUnreclaim:       10 kB\nSlab:             50 kB\nShmem: 5 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
        Dictionary<string, double> values = _tree.Collect("memory");
        Assert.Equal(1000 * 1024, values["system.memory.limit{}"]);
        Assert.Equal(400 * 1024, values["system.memory.usage{free}"]);
        Assert.Equal(700 * 1024, values["system.memory.linux.available{}"]);
        Assert.Equal(1000 * 1024, new[] { "used", "free", "buffers", "cached" }.Sum(state => values[$"system.memory.usage{{{state}}}"]));
        Assert.InRange(values["system.memory.utilization{}"], 0, 1);
    }

    [Fact]
    public void Load_AndUptime_Fixtures()
    {
        _tree.Write("proc/loadavg", "0.52 1.25 3.00 2/345 6789\n");
        _tree.Write("proc/uptime", "12345.67 890.12\n");
        Assert.Equal([0.52, 1.25, 3.0], _tree.Collect("load").OrderBy(static pair => pair.Value).Select(static pair => pair.Value));
        Assert.Equal(12345.67, _tree.Collect("uptime")["system.uptime{}"]);
    }

    [Fact]
    public void Network_Fixture_LeavesOutLoopback()
    {
        _tree.Write("proc/net/dev", "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n");
        Dictionary<string, double> values = _tree.Collect("network");
        Assert.Equal((1000, 2000), (values["system.network.io{eth0,receive}"], values["system.network.io{eth0,transmit}"]));
        Assert.Equal((10, 20), (values["system.network.packet.count{eth0,receive}"], values["system.network.packet.count{eth0,transmit}"]));
        Assert.Equal((1, 3, 2, 4), (values["system.network.errors{eth0,receive}"], values["system.network.errors{eth0,transmit}"], values["system.network.packet.dropped{eth0,receive}"], values["system.network.packet.dropped{eth0,transmit}"]));
        Assert.DoesNotContain(values.Keys, static key => key.Contains("lo,", StringComparison.Ordinal));
    }

    [Fact]
    public void Network_Patterns_IncludeWhatIsLeftOutByDefaultAndExcludeTheRest()
    {
        _tree.Write("proc/net/dev", "h|h\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n  eth1: 1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n");
        Assert.Equal(["eth0", "eth1"], Interfaces(NamePatterns.None));
        Assert.Equal(["eth0", "lo"], Interfaces(new NamePatterns(["lo", "eth?"], ["*1"])));
        Assert.Equal(["eth1"], Interfaces(new NamePatterns([], ["eth0"])));

        IEnumerable<string> Interfaces(NamePatterns names) =>
            _tree.Collect("network", names).Keys.Where(static key => key.StartsWith("system.network.io{", StringComparison.Ordinal)).Select(static key => key.Split('{')[1].Split(',')[0]).Distinct().Order();
    }

    [Fact]
    public void Network_InterfaceThatIsNotReportedComesAndGoes_KeepsItsShape()
    {
        const string Head = "h|h\n", Guest = "  veth1: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\n", Idle = "  eth1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
        static string Used(int bytes) => $"  eth0: {bytes} 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n";
        AssertShapeStays("network", "proc/net/dev", "system.network.io{eth0,receive}", 1, [Head + Used(1), Head + Guest + Used(2), Head + Guest + Idle + Used(3), Head + Used(4)], Head + Used(5) + Idle.Replace(": 0 0", ": 7 7", StringComparison.Ordinal));
    }

    [Fact]
    public void Disk_DeviceThatIsNotReportedComesAndGoes_KeepsItsShape()
    {
        const string Part = "8 1 sda1 1 0 1 1 1 0 1 1 0 1 1\n", Idle = "7 0 loop0 0 0 0 0 0 0 0 0 0 0 0\n";
        static string Used(int sectors) => $"8 0 sda 1 0 {sectors} 1 1 0 1 1 0 1 1\n";
        _tree.Write("sys/class/block/sda1/partition", "1\n");
        AssertShapeStays("disk", "proc/diskstats", "system.disk.io{sda,read}", 512, [Used(1), Used(2) + Part, Idle + Used(3) + Part, Used(4)], (Used(5) + Part).Replace("\n", " 1 0 1 1 1 1\n", StringComparison.Ordinal));
    }

    // The texts give 1, 2, ... times the unit, the other one a number behind them in another shape.
    private void AssertShapeStays(string name, string file, string series, double unit, string[] texts, string other)
    {
        using ICollector collector = _tree.Make(name);
        var columns = new Columns();
        IReadOnlyList<SchemaPart>? parts = null;
        for (int i = 0; i < texts.Length; i++)
        {
            _tree.Write(file, texts[i]);
            LinuxTree.Tick(collector, columns);
            Assert.Same(parts ??= columns.Parts, columns.Parts);
            Assert.Equal((i + 1) * unit, LinuxTree.Values(columns)[series]);
            Assert.Equal(columns.Count, LinuxTree.Values(columns).Count);
        }

        _tree.Write(file, other);
        LinuxTree.Tick(collector, columns);
        Assert.NotSame(parts, columns.Parts);
        Assert.Equal((texts.Length + 1) * unit, LinuxTree.Values(columns)[series]);
    }

    [Fact]
    public void Network_MoreInterfacesThanACollectorMayHave_FailsAtEachTickAndWorksWithFewer()
    {
        using ICollector collector = _tree.Make("network");
        var columns = new Columns(20);
        static string Text(int interfaces) => "h|h\n" + string.Concat(Enumerable.Range(0, interfaces).Select(static i => $"  eth{i}: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"));
        foreach (int interfaces in (int[])[1, 2, 2, 1])
        {
            _tree.Write("proc/net/dev", Text(interfaces));
            Exception? failure = Record.Exception(() => LinuxTree.Tick(collector, columns));
            Assert.Equal(interfaces == 1 ? null : "the collector has 26 series, the limit is 20 (Parameter 'parts')", failure?.Message);
        }

        Assert.Equal(13, LinuxTree.Values(columns).Count);
    }

    [Fact]
    public void MissingSource_IsAnExceptionThatNamesIt() => Assert.ThrowsAny<IOException>(() => _tree.Collect("memory"));

    [Fact]
    public void ThisMachine_CpuTime_LiesBetweenTwoReadingsOfProcStat()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        double[] before = Busy();
        using var collector = new CpuCollector(new LinuxRoots());
        var columns = new Columns();
        collector.Collect(columns);
        Dictionary<string, double> values = LinuxTree.Values(columns);
        double[] after = Busy();
        for (int cpu = 0; cpu < before.Length; cpu++)
            Assert.InRange(values[$"system.cpu.time{{{cpu},user}}"], before[cpu] - 1e-9, after[cpu] + 1e-9);

        // User jiffies of each processor; guest time is part of them and may be counted apart.
        static double[] Busy() => [.. File.ReadLines("/proc/stat").Where(static line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsAsciiDigit(line[3]))
            .Select(static line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) / 100)];
    }

    [Fact]
    public void ThisMachine_EveryCollector_GivesValuesOrIsNotHereAndThenAllocatesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        int read = 0;
        foreach (CollectorInfo info in CollectorCatalog.All.Where(static info => info.Linux.Count > 0 && info.IsDefault))
        {
            using SourcedCollector collector = info.TryCreate(CollectorContext.Default, NullLogger.Instance)!;
            var columns = new Columns();
            long allocated = 0;
            for (int run = 0; run < 20; run++)
            {
                columns.Clear();
                long before = GC.GetAllocatedBytesForCurrentThread();
                collector.Collect(columns);
                if (run >= 10) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.True(columns.Count > 0 || collector.StateOf(0) == SourceState.NotHere || info.Name is "disk" or "network", info.Name);
            Assert.True(allocated == 0 || MayAllocate.Contains(info.Name), $"{info.Name} allocated {allocated} bytes in ten ticks");
            if (columns.Count > 0) read++;
        }

        Assert.True(read >= 10, $"only {read} collectors have values here");
    }
}
