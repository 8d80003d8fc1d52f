using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>The Linux collectors on recorded kernel files with values checked by hand, and on this machine.</summary>
public sealed class LinuxCollectorTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("weir-proc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private static CollectorSource Of(string name) => Assert.Single(CollectorCatalog.All.Single(info => info.Name == name).Linux);

    private Dictionary<string, double> Collect(string name, int runs = 1, NamePatterns? names = null)
    {
        using ICollector collector = Of(name).Create(new CollectorContext(new LinuxRoots(Path.Combine(_root, "proc"), Path.Combine(_root, "sys")), TimeProvider.System, new CollectorConfig { Names = names ?? NamePatterns.None }));
        var columns = new Columns();
        for (int i = 0; i < runs; i++)
        {
            columns.Clear();
            collector.Collect(columns);
        }

        return Values(columns);
    }

    private static Dictionary<string, double> Values(Columns columns)
    {
        var values = new Dictionary<string, double>();
        var schema = new Schema(columns.Parts);
        for (int s = 0; s < schema.SeriesCount; s++)
            if (columns.States[s] == Columns.Present) values.Add($"{schema.MetricOf(s).Name}{{{string.Join(',', schema.AttributesOf(s).Select(static a => a.Value))}}}", columns.Values[s]);
        return values;
    }

    [Fact]
    public void Memory_Fixture_IsReadInBytes()
    {
        Write("proc/meminfo", "MemTotal:       1000 kB\nMemFree:         400 kB\nMemAvailable:    700 kB\nBuffers:          50 kB\nCached:          200 kB\nSReclaimable:     40 kB\nSUnreclaim:       10 kB\nSlab:             50 kB\nShmem: 5 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
        Dictionary<string, double> values = Collect("memory");
        Assert.Equal(1000 * 1024, values["system.memory.limit{}"]);
        Assert.Equal(400 * 1024, values["system.memory.usage{free}"]);
        Assert.Equal(700 * 1024, values["system.memory.linux.available{}"]);
        Assert.Equal(1000 * 1024, new[] { "used", "free", "buffers", "cached" }.Sum(state => values[$"system.memory.usage{{{state}}}"]));
        Assert.InRange(values["system.memory.utilization{}"], 0, 1);
    }

    [Fact]
    public void Load_AndUptime_Fixtures()
    {
        Write("proc/loadavg", "0.52 1.25 3.00 2/345 6789\n");
        Write("proc/uptime", "12345.67 890.12\n");
        Assert.Equal([0.52, 1.25, 3.0], Collect("load").OrderBy(static pair => pair.Value).Select(static pair => pair.Value));
        Assert.Equal(12345.67, Collect("uptime")["system.uptime{}"]);
    }

    [Fact]
    public void Network_Fixture_LeavesOutLoopback()
    {
        Write("proc/net/dev", "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n");
        Dictionary<string, double> values = Collect("network");
        Assert.Equal((1000, 2000), (values["system.network.io{eth0,receive}"], values["system.network.io{eth0,transmit}"]));
        Assert.Equal((10, 20), (values["system.network.packet.count{eth0,receive}"], values["system.network.packet.count{eth0,transmit}"]));
        Assert.Equal((1, 3, 2, 4), (values["system.network.errors{eth0,receive}"], values["system.network.errors{eth0,transmit}"], values["system.network.packet.dropped{eth0,receive}"], values["system.network.packet.dropped{eth0,transmit}"]));
        Assert.DoesNotContain(values.Keys, static key => key.Contains("lo,", StringComparison.Ordinal));
    }

    [Fact]
    public void Network_Patterns_IncludeWhatIsLeftOutByDefaultAndExcludeTheRest()
    {
        Write("proc/net/dev", "h|h\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n  eth1: 1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n");
        Assert.Equal(["eth0", "eth1"], Interfaces(NamePatterns.None));
        Assert.Equal(["eth0", "lo"], Interfaces(new NamePatterns(["lo", "eth?"], ["*1"])));
        Assert.Equal(["eth1"], Interfaces(new NamePatterns([], ["eth0"])));

        IEnumerable<string> Interfaces(NamePatterns names) =>
            Collect("network", names: names).Keys.Where(static key => key.StartsWith("system.network.io{", StringComparison.Ordinal)).Select(static key => key.Split('{')[1].Split(',')[0]).Distinct().Order();
    }

    [Fact]
    public void MissingSource_IsAnExceptionThatNamesIt() => Assert.ThrowsAny<IOException>(() => Collect("memory"));

    [Fact]
    public void ThisMachine_CpuTime_LiesBetweenTwoReadingsOfProcStat()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        double[] before = Busy();
        using ICollector collector = Of("cpu").Create(CollectorContext.Default);
        var columns = new Columns();
        collector.Collect(columns);
        Dictionary<string, double> values = Values(columns);
        double[] after = Busy();
        for (int cpu = 0; cpu < before.Length; cpu++)
            Assert.InRange(values[$"system.cpu.time{{{cpu},user}}"], before[cpu] - 1e-9, after[cpu] + 1e-9);

        // User jiffies of each processor; guest time is part of them and may be counted apart.
        static double[] Busy() => [.. File.ReadLines("/proc/stat").Where(static line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsAsciiDigit(line[3]))
            .Select(static line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) / 100)];
    }

    [Fact]
    public void ThisMachine_EveryCollector_GivesValuesAndThenAllocatesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        foreach (CollectorInfo info in CollectorCatalog.All.Where(static info => info.Lane == LaneKind.High))
        {
            using var collector = info.TryCreate(CollectorContext.Default, NullLogger.Instance);
            if (collector is null) continue;
            var columns = new Columns();
            long allocated = 0;
            for (int run = 0; run < 20; run++)
            {
                columns.Clear();
                long before = GC.GetAllocatedBytesForCurrentThread();
                collector.Collect(columns);
                if (run >= 10) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.True(columns.Count > 0 || info.Name is "disk" or "network", info.Name);
            Assert.True(allocated == 0, $"{info.Name} allocated {allocated} bytes in ten ticks");
        }
    }
}
