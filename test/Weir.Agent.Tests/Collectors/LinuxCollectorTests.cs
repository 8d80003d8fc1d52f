using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux;
using Weir.Agent.Configuration;

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
