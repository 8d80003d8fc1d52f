using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux.Processes;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Processes;

/// <summary>The process collectors on a made /proc, and on this machine.</summary>
public sealed partial class LinuxProcessCollectorTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("weir-proc-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly Columns _columns = new();

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    private CollectorContext Context() => new(new LinuxRoots(_proc), _time, new CollectorConfig());

    private void Write(int pid, string command, string tail, string? io = null, string? exe = null)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_proc, pid.ToString(CultureInfo.InvariantCulture))).FullName;
        File.WriteAllBytes(Path.Combine(directory, "stat"), Encoding.Latin1.GetBytes($"{pid} ({command}) S 1{tail}\n"));
        if (io is not null) File.WriteAllText(Path.Combine(directory, "io"), io);
        if (exe is not null) File.CreateSymbolicLink(Path.Combine(directory, "exe"), exe);
    }

    // Root may read everything: a thread that opens files as somebody else may not.
    private Dictionary<string, double> AsNobody(Func<Dictionary<string, double>> collect)
    {
        const int Nobody = 65_534;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_proc, (UnixFileMode)0b111_101_101);
        Dictionary<string, double> values = [];
        var thread = new Thread(() =>
        {
            int before = SetFileSystemUser(Nobody);
            values = collect();
            _ = SetFileSystemUser(before);
        });
        thread.Start();
        thread.Join();
        return values;
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(int user);

    private static string Tail(int user = 15, string flags = "4194304") =>
        ProcessSampleTests.Tail.Replace(" 15 16 ", $" {user} 16 ", StringComparison.Ordinal).Replace("4194304", flags, StringComparison.Ordinal);

    private Dictionary<string, double> Collect(LinuxProcessCollector collector)
    {
        _time.Advance(TimeSpan.FromSeconds(15));
        _columns.Clear();
        collector.Collect(_columns);
        var schema = new Schema(_columns.Parts);
        return Enumerable.Range(0, schema.SeriesCount).Where(series => _columns.States[series] == Columns.Present)
            .ToDictionary(series => $"{schema.MetricOf(series).Name}{{{string.Join(',', schema.AttributesOf(series).Select(static a => a.Value))}}}", series => _columns.Values[series]);
    }

    [Fact]
    public void Collect_Fixture_SumsByExecutable()
    {
        Write(10, "postgres", Tail(), "rchar: 9\nread_bytes: 100\nwrite_bytes: 5\n", "/usr/lib/postgres (deleted)");
        Write(11, "pg: writer", Tail(), "rchar: 9\nread_bytes: 1\nwrite_bytes: 0\n", "/usr/lib/postgres");
        Write(12, "kworker/0:1-e", Tail(flags: "69238880"));
        Write(13, "odd) (name\n", Tail());
        using var collector = new LinuxProcessCollector(Context());
        Dictionary<string, double> first = Collect(collector);
        Assert.Equal((2, 0, 0), (first["weir.process.count{postgres}"], first["process.cpu.time{postgres,user}"], first["process.disk.io{postgres,read}"]));
        Assert.Equal((6, 2 * 250 * Environment.SystemPageSize, 2 * 4096000), (first["process.thread.count{postgres}"], first["process.memory.usage{postgres}"], first["process.memory.virtual{postgres}"]));
        Assert.Equal((1, 1, 0), (first["weir.process.count{kworker}"], first["weir.process.count{odd) (name?}"], first["weir.process.untracked{}"]));

        Write(10, "postgres", Tail(115), "read_bytes: 4196\nwrite_bytes: 8\n");
        Dictionary<string, double> second = Collect(collector);
        Assert.Equal((1, 4096, 3), (second["process.cpu.time{postgres,user}"], second["process.disk.io{postgres,read}"], second["process.disk.io{postgres,write}"]));
    }

    [Fact]
    public void Collect_IdleProcess_ItsIoIsReadAtEveryEighthTick()
    {
        Write(10, "sleeper", Tail(), "read_bytes: 0\nwrite_bytes: 0\n");
        using var collector = new LinuxProcessCollector(Context());
        Collect(collector);
        Write(10, "sleeper", Tail(), "read_bytes: 7\nwrite_bytes: 0\n");
        double[] read = [.. Enumerable.Range(0, 8).Select(_ => Collect(collector)["process.disk.io{sleeper,read}"])];
        Assert.Equal(7, read[^1]);
        Assert.Equal(0, read[0]);
    }

    [Fact]
    public void Collect_ProcessesThatEndBetweenListAndOpen_AreLeftOut()
    {
        Write(10, "cat", Tail());
        Directory.CreateDirectory(Path.Combine(_proc, "11"));
        Write(12, "cut", " 1 1 0");
        Directory.CreateDirectory(Path.Combine(_proc, "self"));
        File.WriteAllText(Path.Combine(_proc, "99"), "no directory");
        using var collector = new LinuxProcessCollector(Context());
        Dictionary<string, double> values = Collect(collector);
        Assert.Equal(1, values["weir.process.count{cat}"]);
        Assert.Equal(1, values.Where(static pair => pair.Key.StartsWith("weir.process.count{", StringComparison.Ordinal)).Sum(static pair => pair.Value));
    }

    [Fact]
    public void Collect_IoThatMayNotBeRead_FailsThatNameOnly()
    {
        Write(10, "mine", Tail(), "read_bytes: 0\nwrite_bytes: 0\n");
        Write(11, "theirs", Tail(), "read_bytes: 0\nwrite_bytes: 0\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(_proc, "11", "io"), UnixFileMode.None);
        using var collector = new LinuxProcessCollector(Context());
        Dictionary<string, double> values = AsNobody(() => Collect(collector));
        Assert.Contains("process.disk.io{mine,read}", values.Keys);
        Assert.DoesNotContain("process.disk.io{theirs,read}", values.Keys);
        Assert.Equal(2, _columns.States.ToArray().Count(static state => Columns.ReasonOf(state) == FailureReason.AccessDenied));
    }

    [Theory]
    [InlineData(null, "it needs capability CAP_SYS_PTRACE (in the unit of systemd: CapabilityBoundingSet=CAP_SYS_PTRACE and AmbientCapabilities=CAP_SYS_PTRACE)")]
    [InlineData("0000000000000000", "it needs capability CAP_SYS_PTRACE (in the unit of systemd: CapabilityBoundingSet=CAP_SYS_PTRACE and AmbientCapabilities=CAP_SYS_PTRACE)")]
    [InlineData("000001fffeffffff", "CAP_SYS_PTRACE is held and not enough, where a process has rights that the agent lacks or a container or security module guards it; all else is read")]
    public void Collect_IoThatMayNotBeRead_LogAndShortfallSayWhoseAndWhatWouldMendIt(string? capabilities, string cure)
    {
        Write(10, "mine", Tail(), "read_bytes: 0\nwrite_bytes: 0\n");
        Write(11, "theirs", Tail(), "read_bytes: 0\nwrite_bytes: 0\n");
        string theirs = Path.Combine(_proc, "11", "io");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(theirs, UnixFileMode.None);
        if (capabilities is not null) File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_proc, "self")).FullName, "status"), $"Name:\tx\nCapEff:\t{capabilities}\n");
        var log = new RecordedLog();
        using var collector = new LinuxProcessCollector(Context() with { Logger = log });
        AsNobody(() => Collect(collector));
        string said = $"the disk I/O of 1 process cannot be read, theirs (PID 11), and that of its name (of `other`, where it has no series) is missing: {cure}";
        Assert.Equal(said, collector.Shortfall);
        Assert.Equal($"1800 Collector process: {said}", Assert.Single(log.Lines));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(theirs, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        for (int tick = 0; tick < 8; tick++) AsNobody(() => Collect(collector));
        Assert.Null(collector.Shortfall);
    }

    [Fact]
    public void Shortfall_MoreProcessesThatMayNotBeRead_AsksForTheRightOnce()
    {
        Write(10, "mine", Tail(), "read_bytes: 0\nwrite_bytes: 0\n");
        string status = Path.Combine(Directory.CreateDirectory(Path.Combine(_proc, "self")).FullName, "status");
        File.WriteAllText(status, "Name:\tx\nCapEff:\t000001fffeffffff\n");
        using var collector = new LinuxProcessCollector(Context());
        for (int denied = 1; denied <= 2; denied++)
        {
            Write(10 + denied, "theirs", Tail(), "read_bytes: 0\nwrite_bytes: 0\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(_proc, $"{10 + denied}", "io"), UnixFileMode.None);
            AsNobody(() => Collect(collector));
            Assert.Contains($"the disk I/O of {denied} process", collector.Shortfall, StringComparison.Ordinal);
            Assert.Contains("CAP_SYS_PTRACE is held", collector.Shortfall, StringComparison.Ordinal);
            File.Delete(status);
        }
    }

    [Fact]
    public void Collect_NoProc_IsAnExceptionThatNamesIt()
    {
        using var collector = new LinuxProcessCollector(Context() with { Roots = new LinuxRoots("/nowhere/proc") });
        Assert.Contains("/nowhere/proc", Assert.Throws<DirectoryNotFoundException>(() => collector.Collect(_columns)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inventory_TellsPidAndStart_OrThatItCannot()
    {
        Write(10, "cat", Tail());
        File.WriteAllText(Path.Combine(_proc, "stat"), "cpu 1\nbtime 1000000\n");
        using var collector = new LinuxProcessCollector(Context());
        Collect(collector);
        ProcessIdentity process = Assert.Single(collector.Inventory().Names["cat"]);
        Assert.Equal((10, 1000012), (process.Pid, process.StartedAt.ToUnixTimeSeconds()));
        File.WriteAllText(Path.Combine(_proc, "stat"), "cpu 1\n");
        Assert.Contains("does not say when the host started", Assert.Throws<IOException>(collector.Inventory).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoCollectorsOfOneTick_ShareOneWalk()
    {
        Write(10, "cat", Tail());
        File.WriteAllText(Path.Combine(_proc, "stat"), "processes 77\n");
        var shared = new CollectorShared(new LinuxRoots(_proc), _time);
        ProcessWalk walk = shared.ProcessWalk;
        CollectorContext context = Context() with { Shared = shared };
        using var process = new LinuxProcessCollector(context);
        using var states = new ProcessStateCollector(context);
        var columns = new Columns();
        Collect(process);
        for (int tick = 2; tick <= 5; tick++)
        {
            // Whichever is first.
            if (tick % 2 == 0) Collect(process);
            else _time.Advance(TimeSpan.FromSeconds(15));
            columns.Clear();
            states.Collect(columns);
            if (tick % 2 != 0) process.Collect(_columns);
            Assert.Equal(tick, walk.Walks);
            Assert.Equal((1, 77), (columns.Values[1], columns.Values[6]));
        }
    }

    [Fact]
    public void TwoReadersOfOneAgent_TellTheSameCounters()
    {
        Write(10, "cat", Tail(100));
        CollectorContext context = Context() with { Shared = new CollectorShared(new LinuxRoots(_proc), _time) };
        using var regular = new LinuxProcessCollector(context);
        Collect(regular);
        Write(10, "cat", Tail(200));
        Assert.Equal(1, Collect(regular)["process.cpu.time{cat,user}"]);
        using var ordered = new LinuxProcessCollector(context);
        Write(10, "cat", Tail(300));
        _columns.Shape([]);
        Assert.Equal(2, Collect(ordered)["process.cpu.time{cat,user}"]);
        Write(10, "cat", Tail(400));
        _columns.Shape([]);
        Assert.Equal(3, Collect(regular)["process.cpu.time{cat,user}"]);
    }

    [Fact]
    public void ThisMachine_FindsThisProcessAndThenAllocatesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        string name = Path.GetFileName(Environment.ProcessPath!);
        using var collector = new LinuxProcessCollector(CollectorContext.Default with { Config = new CollectorConfig { Names = new NamePatterns([name], []) } });
        long allocated = 0;
        for (int run = 0; run < 20; run++)
        {
            _columns.Clear();
            IReadOnlyList<SchemaPart> shape = _columns.Parts;
            long before = GC.GetAllocatedBytesForCurrentThread();
            collector.Collect(_columns);
            long after = GC.GetAllocatedBytesForCurrentThread();
            // Names come and go with what else runs here.
            if (run >= 5 && ReferenceEquals(shape, _columns.Parts)) allocated = Math.Max(allocated, after - before);
        }

        // A process that started meanwhile brings its name, nothing else.
        Assert.InRange(allocated, 0, 4096);
        Assert.Contains(collector.Inventory().Names[name], static process => process.Pid == Environment.ProcessId);
        using var self = Process.GetCurrentProcess();
        Assert.InRange((collector.Inventory().Names[name].First(static process => process.Pid == Environment.ProcessId).StartedAt - self.StartTime.ToUniversalTime()).TotalSeconds, -2, 2);
    }
}
