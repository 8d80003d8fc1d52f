using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux.Cgroups;
using Weir.Agent.Collection;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Cgroups;

/// <summary>Control groups on a made hierarchy.</summary>
public sealed class CgroupCollectorTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly string _sys = Directory.CreateTempSubdirectory("weir-sys-").FullName;
    private readonly Columns _columns = new();

    public void Dispose() => Directory.Delete(_sys, recursive: true);

    private string Root => Path.Combine(_sys, "fs", "cgroup");

    private CgroupCollector Make(NamePatterns? names = null, ILogger? logger = null) => new(CollectorContext.Default with { Logger = logger ?? NullLogger.Instance, Roots = new LinuxRoots("/proc", _sys), Config = new CollectorConfig { Names = names ?? NamePatterns.None } });

    private void Write(string path, string text)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private void MakeRoot(int descendants = 2, bool pressure = true)
    {
        Write("cgroup.controllers", "cpuset cpu io memory pids\n");
        Write("cgroup.stat", $"nr_descendants {descendants}\nnr_dying_descendants 0\n");
        if (pressure) Write("cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
    }

    private void MakeGroup(string path, ulong user = 2_500_000)
    {
        Write($"{path}/cpu.stat", $"usage_usec 3000000\nuser_usec {user}\nsystem_usec 500000\nnr_periods 9\nnr_throttled 4\nthrottled_usec 1500000\n");
        Write($"{path}/memory.current", "4096\n");
        Write($"{path}/memory.max", "max\n");
        Write($"{path}/memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\n");
        Write($"{path}/io.stat", "8:0 rbytes=100 wbytes=200 rios=3 wios=4 dbytes=9 dios=9\n253:0 rbytes=1 wbytes=2 rios=3 wios=4\n8:16 \n");
        Write($"{path}/pids.current", "7\n");
        Write($"{path}/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n");
    }

    private Dictionary<string, double> Collect(CgroupCollector collector)
    {
        _columns.Clear();
        collector.Collect(_columns);
        if (_columns.Count == 0) return [];
        var schema = new Schema(_columns.Parts);
        return Enumerable.Range(0, schema.SeriesCount).Where(series => _columns.States[series] == Columns.Present)
            .ToDictionary(series => $"{schema.MetricOf(series).Name}{{{string.Join(',', schema.AttributesOf(series).Select(static a => a.Value))}}}", series => _columns.Values[series]);
    }

    [Fact]
    public void Collect_UnitAndContainer_HaveTheirNames()
    {
        MakeRoot();
        MakeGroup("system.slice/ssh.service");
        MakeGroup($"system.slice/docker-{Id}.scope", 1_000_000);
        Write("system.slice/ssh.service/memory.max", "1048576\n");
        using CgroupCollector collector = Make();
        Dictionary<string, double> values = Collect(collector);
        const string Unit = "/system.slice/ssh.service", Container = $"/system.slice/docker-{Id}.scope";
        Assert.Equal((2.5, 0.5, 1), (values[$"system.linux.cgroup.cpu.time{{{Unit},user}}"], values[$"system.linux.cgroup.cpu.time{{{Unit},system}}"], values[$"container.cpu.time{{{Id},{Container},user}}"]));
        Assert.Equal((4096, 4096), (values[$"system.linux.cgroup.memory.usage{{{Unit}}}"], values[$"container.memory.usage{{{Id},{Container}}}"]));
        Assert.Equal((101, 202, 101), (values[$"system.linux.cgroup.disk.io{{{Unit},read}}"], values[$"system.linux.cgroup.disk.io{{{Unit},write}}"], values[$"container.disk.io{{{Id},{Container},read}}"]));
        Assert.Equal((6, 8), (values[$"system.linux.cgroup.disk.operations{{{Unit},read}}"], values[$"system.linux.cgroup.disk.operations{{{Unit},write}}"]));
        Assert.Equal((1.5, 4, 1, 7), (values[$"system.linux.cgroup.cpu.throttled.time{{{Unit}}}"], values[$"system.linux.cgroup.cpu.throttled.periods{{{Unit}}}"], values[$"system.linux.cgroup.memory.oom_kills{{{Unit}}}"], values[$"system.linux.cgroup.process.count{{{Unit}}}"]));
        Assert.Equal(2, values[$"system.linux.cgroup.pressure.time{{{Unit},cpu}}"]);
        Assert.Equal(1048576, values[$"system.linux.cgroup.memory.limit{{{Unit}}}"]);
        Assert.DoesNotContain($"system.linux.cgroup.memory.limit{{{Container}}}", values.Keys);
        Assert.DoesNotContain($"system.linux.cgroup.cpu.time{{{Container},user}}", values.Keys);
    }

    [Fact]
    public void Collect_GroupThatVanishes_HasNoValuesAndIsThenGone()
    {
        MakeRoot();
        MakeGroup("a.service");
        MakeGroup("b.service");
        using CgroupCollector collector = Make();
        Collect(collector);
        Directory.Delete(Path.Combine(Root, "a.service"), recursive: true);
        Assert.DoesNotContain("system.linux.cgroup.cpu.time{/a.service,user}", Collect(collector).Keys);
        int before = _columns.Count;
        Assert.Contains("system.linux.cgroup.cpu.time{/b.service,user}", Collect(collector).Keys);
        Assert.Equal(before / 2, _columns.Count);
    }

    [Fact]
    public void Collect_NewGroup_IsFoundWhenTheKernelCountsMore()
    {
        MakeRoot();
        MakeGroup("a.service");
        using CgroupCollector collector = Make();
        Collect(collector);
        MakeGroup("b.service");
        Assert.DoesNotContain("system.linux.cgroup.cpu.time{/b.service,user}", Collect(collector).Keys);
        MakeRoot(3);
        Assert.Contains("system.linux.cgroup.cpu.time{/b.service,user}", Collect(collector).Keys);
    }

    [Fact]
    public void Collect_WithoutTheUnifiedHierarchy_IsNotHere()
    {
        using CgroupCollector collector = Make();
        Assert.Throws<FileNotFoundException>(() => Collect(collector));
        Directory.CreateDirectory(Path.Combine(Root, "cpu"));
        using CgroupCollector mixed = Make();
        Assert.Throws<FileNotFoundException>(() => Collect(mixed));
        MakeRoot();
        MakeGroup("a.service");
        Assert.NotEmpty(Collect(mixed));
    }

    [Fact]
    public void Collect_WhatTheKernelLacks_IsLeftOutOfTheShape()
    {
        MakeRoot(pressure: false);
        Write("cgroup.controllers", "cpuset cpu\n");
        MakeGroup("a.service");
        using CgroupCollector collector = Make();
        Collect(collector);
        Assert.Equal(["system.linux.cgroup.cpu.time", "system.linux.cgroup.cpu.throttled.time", "system.linux.cgroup.cpu.throttled.periods"], _columns.Parts.SelectMany(static part => part.Template.Metrics).Select(static metric => metric.Name));
    }

    [Fact]
    public void Collect_MalformedFiles_LeaveOutWhatTheyDoNotSay()
    {
        MakeRoot();
        MakeGroup("a.service");
        Write("a.service/cpu.stat", "user_usec\n\nsystem_usec 5000000 trailing\n=\n");
        Write("a.service/io.stat", "8:0 rbytes= wbytes=x rios\n=\n==\n");
        Write("a.service/memory.current", "-1\n");
        Write("a.service/pids.current", "");
        Write("a.service/cpu.pressure", "some avg10");
        using CgroupCollector collector = Make();
        Dictionary<string, double> values = Collect(collector);
        Assert.Equal(5, values["system.linux.cgroup.cpu.time{/a.service,system}"]);
        Assert.DoesNotContain(values.Keys, static key => key.StartsWith("system.linux.cgroup.memory", StringComparison.Ordinal) || key.Contains("disk", StringComparison.Ordinal) || key.Contains("process.count", StringComparison.Ordinal) || key.Contains("pressure", StringComparison.Ordinal));
    }

    [Fact]
    public void Collect_DeviceThatGoesAwayAndComesBack_LeavesTheSumGrowing()
    {
        MakeRoot();
        MakeGroup("a.service");
        using CgroupCollector collector = Make();
        Assert.Equal(101, Read("8:0 rbytes=100 wbytes=2 rios=3 wios=4\n253:0 rbytes=1 wbytes=2 rios=3 wios=4\n"));
        Assert.Equal(111, Read("8:0 rbytes=110 wbytes=2 rios=3 wios=4 depth=max cost.vrate=100.00\n253:0 rbytes=1 wbytes=2 rios=3 wios=4\n"));
        Assert.Equal(111, Read("253:0 rbytes=1 wbytes=2 rios=3 wios=4\n"));
        // Another group comes: those that stay keep their sums.
        MakeGroup("b.service");
        MakeRoot(3);
        Assert.Equal(113, Read("253:0 rbytes=3 wbytes=2 rios=3 wios=4\n"));
        Assert.Equal(118, Read("8:0 rbytes=5 wbytes=2 rios=3 wios=4\n253:0 rbytes=3 wbytes=2 rios=3 wios=4\n"));
        Assert.Equal(119, Read("8:0 rbytes=1 wbytes=2 rios=3 wios=4\n253:0 rbytes=3 wbytes=2 rios=3 wios=4\n"));
        // A line that is cut says nothing of the devices behind it: none is gone.
        Write("a.service/io.stat", "8:0 rbytes=1 wb\n");
        Assert.DoesNotContain("system.linux.cgroup.disk.io{/a.service,read}", Collect(collector).Keys);
        Assert.Equal(120, Read("8:0 rbytes=1 wbytes=2 rios=3 wios=4\n253:0 rbytes=4 wbytes=2 rios=3 wios=4\n"));

        double Read(string text)
        {
            Write("a.service/io.stat", text);
            return Collect(collector)["system.linux.cgroup.disk.io{/a.service,read}"];
        }
    }

    [Theory]
    [InlineData("7:7 7:6 7:5 7:4 rbytes=28672 wbytes=0 rios=7 wios=0\n8:0 rbytes=3 wbytes=2 rios=3 wios=4\n")]
    [InlineData("(unknown) rbytes=7 wbytes=0 rios=7 wios=0\n7:4 (unknown) rbytes=7\n8:0 rbytes=28675 wbytes=2 rios=3 wios=4\n")]
    [InlineData("7:1 \n8:0 rbytes=28675 wbytes=2 rios=3 wios=4\n7:2 7:3")]
    public void Collect_OddRowsOfSomeKernels_TakeNothingFromTheOthers(string text)
    {
        MakeRoot();
        MakeGroup("a.service");
        using CgroupCollector collector = Make();
        Write("a.service/io.stat", text);
        for (int tick = 0; tick < 2; tick++) Assert.Equal(28_675, Collect(collector)["system.linux.cgroup.disk.io{/a.service,read}"]);
    }

    [Fact]
    public void Collect_LargeFile_IsReadWholeOrRefusedByName()
    {
        MakeRoot();
        MakeGroup("a.service");
        var log = new RecordedLog();
        using CgroupCollector collector = Make(logger: log);
        Write("a.service/io.stat", Devices(2_000));
        Assert.Equal(2_000, Collect(collector)["system.linux.cgroup.disk.io{/a.service,read}"]);
        Assert.Empty(log.Lines);
        Write("a.service/io.stat", Devices(40_000));
        for (int tick = 0; tick < 3; tick++) Assert.DoesNotContain("system.linux.cgroup.disk.io{/a.service,read}", Collect(collector).Keys);
        Assert.Contains($"{Root}/a.service/io.stat has more than 1048576 bytes", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Equal(2.5, Collect(collector)["system.linux.cgroup.cpu.time{/a.service,user}"]);

        static string Devices(int count) => string.Concat(Enumerable.Range(0, count).Select(static minor => $"253:{minor} rbytes=1 wbytes=0 rios=1 wios=0\n"));
    }

    [Fact]
    public void Scan_Patterns_ChooseByPath()
    {
        foreach (string path in (string[])["system.slice/a.service", "system.slice/b.service", "user.slice/user-1.slice"]) Write($"{path}/cpu.stat", "");
        Assert.Equal(["/system.slice/a.service"], CgroupTree.Scan(Root, new NamePatterns(["/system.slice/*"], ["*/b.service"]), out _).Select(static group => group.Path));
        Assert.Equal(5, CgroupTree.Scan(Root, NamePatterns.None, out _).Length);
    }

    [Fact]
    public void Scan_MoreThanTheMostAndTooDeep_TakesTheShallowestAndCountsTheRest()
    {
        for (int i = 0; i < CgroupTree.MaxGroups + 20; i++) Directory.CreateDirectory(Path.Combine(Root, $"g{i}.slice"));
        Directory.CreateDirectory(Path.Combine(Root, "g0.slice/1/2/3/4/5/6"));
        Cgroup[] groups = CgroupTree.Scan(Root, NamePatterns.None, out int beyond);
        Assert.Equal((CgroupTree.MaxGroups, 24), (groups.Length, beyond));
        Assert.Equal(CgroupTree.MaxDepth, CgroupTree.Scan(Root, new NamePatterns(["/g0.slice*"], []), out _).Length);
    }

    [Fact]
    public void Collect_MostGroups_FitIntoTheColumnsAndASteadyTickAllocatesNothing()
    {
        MakeRoot();
        for (int i = 0; i < CgroupTree.MaxGroups; i++) Write($"g{i}.service/cpu.stat", "user_usec 1\nsystem_usec 1\n");
        using CgroupCollector collector = Make();
        collector.Collect(_columns);
        Assert.Equal(CgroupTree.MaxGroups * 15, _columns.Count);
        collector.Collect(_columns);
        long before = GC.GetAllocatedBytesForCurrentThread();
        collector.Collect(_columns);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
