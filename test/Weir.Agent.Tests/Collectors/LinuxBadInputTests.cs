using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Filesystems;
using Weir.Agent.Collectors.Linux;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>Kernel files that are not what they should be, for every Linux collector: it says so precisely, the rest goes on, and it works again afterwards.</summary>
public sealed class LinuxBadInputTests : IDisposable
{
    private readonly LinuxTree _tree = new();
    private readonly Columns _columns = new();
    private readonly FakeTimeProvider _time = new();

    public LinuxBadInputTests() => LinuxFixtures.WriteTo(_tree);

    private static readonly string[] Remembering = [",idle}", ",iowait}", "linux.backlog", "conntrack.events"];

    public static TheoryData<string> Collectors => [.. LinuxFixtures.Collectors.Select(static pair => pair.Collector)];

    public static TheoryData<string, string> RequiredFiles => new(LinuxFixtures.Collectors.SelectMany(static pair => pair.Required.Select(file => (pair.Collector, file))));

    public void Dispose() => _tree.Dispose();

    // The file systems of the machine below are none of these tests' business.
    private ICollector Make(string name) => name == "filesystem"
        ? new FilesystemCollector(_tree.Context(), (Mount _, out FilesystemSpace space) =>
        {
            space = new FilesystemSpace(100, 50, 10, 1000, 400);
            return null;
        })
        : _tree.Make(name, time: _time);

    private Dictionary<string, double> Tick(ICollector collector)
    {
        LinuxTree.Tick(collector, _columns);
        return LinuxTree.Values(_columns);
    }

    // What a collector may throw: its slot makes a reason of each. Anything else is a bug.
    private static bool IsReason(Exception error) => error is IOException or UnauthorizedAccessException or InvalidDataException;

    private void TryTick(ICollector collector)
    {
        try
        {
            LinuxTree.Tick(collector, _columns);
        }
        catch (Exception error) when (IsReason(error))
        {
            // That is precise enough; the assertion is that nothing else comes.
        }
    }

    [Theory]
    [MemberData(nameof(RequiredFiles))]
    public void Denied_file_that_is_required_denies_the_collector_and_names_the_file(string name, string file)
    {
        _tree.Deny(file);
        using ICollector collector = Make(name);
        Assert.Contains(_tree.PathOf(file), Assert.Throws<UnauthorizedAccessException>(() => Tick(collector)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(RequiredFiles))]
    public void Missing_file_that_is_required_is_not_here_and_names_the_file(string name, string file)
    {
        File.Delete(_tree.PathOf(file));
        using ICollector collector = Make(name);
        Assert.Contains(_tree.PathOf(file), Assert.Throws<FileNotFoundException>(() => Tick(collector)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(RequiredFiles))]
    public void Endless_file_is_refused_at_its_limit_and_the_collector_works_when_it_ends(string name, string file)
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "there is no /dev/zero");
        using ICollector collector = Make(name);
        File.Delete(_tree.PathOf(file));
        File.CreateSymbolicLink(_tree.PathOf(file), "/dev/zero");
        Assert.Contains("more than", Assert.ThrowsAny<IOException>(() => Tick(collector)).Message, StringComparison.Ordinal);
        File.Delete(_tree.PathOf(file));
        _tree.Write(file, LinuxFixtures.Files[file]);
        Assert.NotEmpty(Tick(collector));
    }

    [Theory]
    [InlineData("connections", "proc/net/snmp6", "system.network.udp.datagrams{receive}")]
    [InlineData("connections", "proc/net/sockstat", "system.network.linux.tcp.orphaned{}")]
    [InlineData("connections", "proc/net/sockstat6", "system.network.linux.socket.used{ipv6,tcp}")]
    [InlineData("netstat", "proc/net/netstat", "system.network.linux.tcp.errors{listen_drop}")]
    [InlineData("netstat", "proc/net/softnet_stat", "system.network.linux.backlog.dropped{}")]
    [InlineData("conntrack", "proc/net/stat/nf_conntrack", "system.network.linux.conntrack.events{drop}")]
    [InlineData("network_link", "sys/class/net/eth0/operstate", "system.network.linux.interface.up{eth0}")]
    [InlineData("network_link", "sys/class/net/eth0/mtu", "system.network.linux.interface.mtu{eth0}")]
    [InlineData("sensors", "sys/class/hwmon/hwmon0/temp1_input", "hw.temperature{hwmon0:temp1,coretemp,Core 0}")]
    [InlineData("cpu_frequency", "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "system.cpu.frequency{1}")]
    [InlineData("battery", "sys/class/power_supply/BAT0/capacity", "hw.battery.charge{BAT0}")]
    [InlineData("bonding", "proc/net/bonding/bond1", "system.network.linux.bonding.links{bond1,up}")]
    [InlineData("edac", "sys/devices/system/edac/mc/mc1/ce_count", "hw.errors{mc1,correctable}")]
    [InlineData("infiniband", "sys/class/infiniband/mlx5_0/ports/2/state", "system.network.linux.infiniband.state{mlx5_0,2}")]
    [InlineData("pressure", "proc/pressure/io", "system.linux.pressure.stall.time{io,some}")]
    public void Denied_file_of_several_fails_its_series_alone(string name, string file, string series)
    {
        using ICollector collector = Make(name);
        Assert.Contains(series, Tick(collector).Keys);
        collector.Dispose();
        _tree.Deny(file);
        // What is looked for anew each time is made anew here as well.
        if (name is "sensors" or "cpu_frequency" or "network_link") Directory.CreateDirectory(_tree.PathOf(file));
        Dictionary<string, double> values = Tick(collector);
        Assert.NotEmpty(values);
        Assert.DoesNotContain(series, values.Keys);
        if (LinuxTree.Failures(_columns).TryGetValue(series, out FailureReason reason)) Assert.Equal(FailureReason.AccessDenied, reason);
        else Assert.True(name is "sensors" or "cpu_frequency" or "infiniband" or "battery", "only what is listed first may be left out");
    }

    [Theory]
    [MemberData(nameof(Collectors))]
    public void File_that_is_cut_anywhere_harms_nothing_but_its_tick(string name)
    {
        using ICollector collector = Make(name);
        Dictionary<string, double> whole = Recover(collector);
        int cuts = 0;
        foreach ((string file, string text) in LinuxFixtures.Files.Where(file => IsReadBy(name, file.Key)))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            for (int length = 0; length < bytes.Length; length++, cuts++)
            {
                _tree.Write(file, bytes[..length]);
                TryTick(collector);
            }

            _tree.Write(file, bytes);
            Assert.Equal(Kept(whole), Kept(Recover(collector)));
        }

        Assert.True(cuts > 0);
    }

    [Theory]
    [MemberData(nameof(Collectors))]
    public void File_with_bytes_changed_harms_nothing_but_its_tick(string name)
    {
        using ICollector collector = Make(name);
        Dictionary<string, double> whole = Recover(collector);
        string[] files = [.. LinuxFixtures.Files.Keys.Where(file => IsReadBy(name, file))];
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Select(Gen.Int[0, 2000], Gen.Byte).Array[1, 12]).Sample(
            (file, changes) =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(LinuxFixtures.Files[files[file]]);
                foreach ((int at, byte value) in changes) bytes[at % bytes.Length] = value;
                _tree.Write(files[file], bytes);
                TryTick(collector);
                _tree.Write(files[file], LinuxFixtures.Files[files[file]]);
                Recover(collector);
            },
            iter: 200,
            threads: 1);
        Assert.Equal(Kept(whole), Kept(Recover(collector)));
    }

    // idle and iowait keep the most that was read: they step back on real kernels. What is summed by differences keeps what was misread.
    private static IEnumerable<KeyValuePair<string, double>> Kept(Dictionary<string, double> values) =>
        values.Where(static pair => !Remembering.Any(part => pair.Key.Contains(part, StringComparison.Ordinal))).OrderBy(static pair => pair.Key, StringComparer.Ordinal);

    // What is looked for once a minute is found again; a rate has nothing to compare with.
    private Dictionary<string, double> Recover(ICollector collector)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        return Tick(collector).Where(static pair => !pair.Key.StartsWith("system.cpu.utilization", StringComparison.Ordinal)).ToDictionary();
    }

    // The names of chips and the like are read once.
    private static bool IsReadBy(string name, string file) => name switch
    {
        "battery" => file == "sys/class/power_supply/BAT0/capacity",
        "bonding" => file == "proc/net/bonding/bond0",
        "edac" => file.StartsWith("sys/devices/system/edac/", StringComparison.Ordinal) && file.EndsWith("_count", StringComparison.Ordinal),
        "infiniband" => file.StartsWith("sys/class/infiniband/", StringComparison.Ordinal) && !file.EndsWith("port_xmit_discards", StringComparison.Ordinal),
        "pressure" => file.StartsWith("proc/pressure/", StringComparison.Ordinal),
        "network_link" => file.StartsWith("sys/class/net/eth0/", StringComparison.Ordinal),
        "sensors" => file.EndsWith("_input", StringComparison.Ordinal) || file.EndsWith("/temp", StringComparison.Ordinal),
        "cpu_frequency" => file.EndsWith("scaling_cur_freq", StringComparison.Ordinal),
        "connections" => file is "proc/net/snmp" or "proc/net/snmp6" or "proc/net/sockstat" or "proc/net/sockstat6",
        "netstat" => file is "proc/net/snmp" or "proc/net/snmp6" or "proc/net/netstat" or "proc/net/softnet_stat",
        "processes" => file is "proc/stat" or "proc/1/stat",
        "filesystem" => file == "proc/self/mounts",
        _ => LinuxFixtures.Collectors.Single(pair => pair.Collector == name).Required.Contains(file),
    };

    [Theory]
    [InlineData("nfs", "proc/net/rpc/nfs", "rpc 400 5 ", "rpc 400 x ", "nfs.client.rpc.retransmit.count{}")]
    [InlineData("nfs", "proc/net/rpc/nfs", " 106 ", " -6 ", "nfs.client.procedure.count{3,READ}")]
    [InlineData("nfsd", "proc/net/rpc/nfsd", "th 8 ", "th 8x ", "nfs.server.thread.count{}")]
    [InlineData("nfsd", "proc/net/rpc/nfsd", " 42 ", " 99999999999999999999999 ", "nfs.server.operation.count{4,CLOSE}")]
    [InlineData("zfs", "proc/spl/kstat/zfs/arcstats", "8772612", "many", "system.filesystem.linux.zfs.arc.hits{}")]
    [InlineData("edac", "sys/devices/system/edac/mc/mc1/ce_count", "2", "two", "hw.errors{mc1,correctable}")]
    [InlineData("infiniband", "sys/class/infiniband/mlx5_0/ports/2/rate", "100 Gb/sec", "fast", "system.network.linux.infiniband.rate{mlx5_0,2}")]
    public void Number_that_is_none_fails_its_series_alone(string name, string file, string number, string none, string series)
    {
        using ICollector collector = Make(name);
        Dictionary<string, double> whole = Tick(collector);
        _tree.Write(file, LinuxFixtures.Files[file].Replace(number, none, StringComparison.Ordinal));
        Dictionary<string, double> values = Tick(collector);
        Assert.Equal([series], whole.Keys.Except(values.Keys));
        Assert.Equal(KeyValuePair.Create(series, FailureReason.Error), Assert.Single(LinuxTree.Failures(_columns)));
    }

    [Fact]
    public void Number_that_is_none_fails_its_device_alone()
    {
        using ICollector disk = _tree.Make("disk");
        Tick(disk);
        _tree.Write("proc/diskstats", " 8 0 sda 1 2 -3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n 8 16 sdb 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
        Dictionary<string, double> values = Tick(disk);
        Assert.Contains("system.disk.io{sdb,read}", values.Keys);
        Assert.DoesNotContain(values.Keys, static key => key.Contains("sda", StringComparison.Ordinal));
        using ICollector network = _tree.Make("network");
        Tick(network);
        _tree.Write("proc/net/dev", "h|h\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0: 1000 10 1 2 3 4 5 6 2000 20 x 8 9 10 11 12\n");
        Assert.Empty(Tick(network));
        Assert.All(LinuxTree.Failures(_columns).Values, static reason => Assert.Equal(FailureReason.Error, reason));
        Assert.Equal(13, LinuxTree.Failures(_columns).Count);
        _tree.Write("proc/stat", LinuxFixtures.Files["proc/stat"].Replace("cpu0 1 2", "cpu0 1 18446744073709551616", StringComparison.Ordinal).Replace("ctxt 2000", "ctxt -1", StringComparison.Ordinal));
        values = _tree.Collect("cpu");
        Assert.Contains("system.cpu.time{1,user}", values.Keys);
        Assert.DoesNotContain("system.cpu.time{0,user}", values.Keys);
        values = _tree.Collect("system");
        Assert.Contains("system.cpu.interrupts{}", values.Keys);
        Assert.DoesNotContain("system.cpu.context_switches{}", values.Keys);
    }

    [Fact]
    public void Counter_that_runs_backward_or_wraps_is_shipped_as_it_is_and_makes_no_negative_share()
    {
        using ICollector cpu = _tree.Make("cpu");
        Tick(cpu);
        _tree.Write("proc/stat", LinuxFixtures.Files["proc/stat"].Replace("cpu0 1 2 3 4", "cpu0 0 2 3 4", StringComparison.Ordinal).Replace("cpu1 9 18 27 36 45", "cpu1 99 18 27 36 40", StringComparison.Ordinal));
        Dictionary<string, double> values = Tick(cpu);
        Assert.DoesNotContain("system.cpu.utilization{0}", values.Keys);
        Assert.Equal(1, values["system.cpu.utilization{1}"]);
        Assert.Equal(0, values["system.cpu.time{0,user}"]);
        // iowait steps back on real kernels, which is no restart.
        Assert.Equal(0.45, values["system.cpu.time{1,iowait}"]);
        using ICollector disk = _tree.Make("disk");
        _tree.Write("proc/diskstats", " 8 0 sda 4294967295 2 3 4294967295 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
        Assert.Equal(4294967.295, Tick(disk)["system.disk.operation_time{sda,read}"]);
        _tree.Write("proc/diskstats", " 8 0 sda 4294967296 2 3 7 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
        Assert.Equal((4294967296, 0.007), (Tick(disk)["system.disk.operations{sda,read}"], Tick(disk)["system.disk.operation_time{sda,read}"]));
    }

    [Fact]
    public void Count_of_a_processor_that_wraps_is_set_back_or_goes_offline_leaves_the_sum_growing()
    {
        const string Series = "system.network.linux.backlog.processed{}";
        using ICollector netstat = _tree.Make("netstat");
        Assert.Equal(0, Read("fffffff0 1", "00000007 4"));
        Assert.Equal(16, Read("00000000 1", "00000007 4"));
        Assert.Equal(21, Read("00000003 1", "00000009 4"));
        // Set back: it counts from zero.
        Assert.Equal(23, Read("00000003 1", "00000002 4"));
        // Offline, and there again.
        Assert.Equal(23, Read("00000003 1"));
        Assert.Equal(27, Read("00000007 1"));
        Assert.Equal(27, Read("00000007 1", "00000005 4"));
        Assert.Equal(28, Read("00000007 1", "00000006 4"));
        Assert.Equal(FailureReason.Error, Fails("100000000 1", "00000006 4"));

        double Read(params string[] rows)
        {
            _tree.Write("proc/net/softnet_stat", string.Concat(rows.Select(static row => $"{row} 00000000\n")));
            return Tick(netstat)[Series];
        }

        FailureReason Fails(params string[] rows)
        {
            _tree.Write("proc/net/softnet_stat", string.Concat(rows.Select(static row => $"{row} 00000000\n")));
            Tick(netstat);
            return LinuxTree.Failures(_columns)[Series];
        }
    }

    [Fact]
    public void Name_that_comes_twice_counts_once()
    {
        _tree.Write("proc/diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n 8 0 sda 9 2 3 4 5 6 7 8 9 10 11\n");
        Assert.Equal(1, _tree.Collect("disk")["system.disk.operations{sda,read}"]);
        _tree.Write("proc/net/dev", "h|h\neth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\neth0: 2 2 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n");
        Assert.Equal(1, _tree.Collect("network")["system.network.io{eth0,receive}"]);
        _tree.Write("proc/stat", "cpu0 100 0 0 0 0 0 0 0\ncpu0 900 0 0 0 0 0 0 0\ncpu1 300 0 0 0 0 0 0 0\n");
        Dictionary<string, double> cpu = _tree.Collect("cpu");
        Assert.Equal((1, 3), (cpu["system.cpu.time{0,user}"], cpu["system.cpu.time{1,user}"]));
        _tree.Write("proc/meminfo", "MemTotal: 10 kB\nMemFree: 1 kB\nMemFree: 2 kB\nBuffers: 0 kB\nCached: 0 kB\nSReclaimable: 0 kB\n");
        Assert.Equal(1024, _tree.Collect("memory")["system.memory.usage{free}"]);
    }

    [Fact]
    public void Names_of_any_bytes_stay_different_and_readable()
    {
        _tree.Write("proc/net/dev", [.. "h|h\neth\"0 a: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"u8, 0xff, .. ": 2 2 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n"u8, 0xfe, .. ": 3 3 0 0 0 0 0 0 3 3 0 0 0 0 0 0\n"u8]);
        Dictionary<string, double> network = _tree.Collect("network");
        Assert.Equal((1, 2, 3), (network["system.network.io{eth\"0 a,receive}"], network["system.network.io{\\xff,receive}"], network["system.network.io{\\xfe,receive}"]));

        _tree.Write("proc/self/mounts", [.. "/dev/sd\"a /my\\040\"disk\" ext4 ro 0 0\n/dev/b /b"u8, 0xff, .. " ext4 rw 0 0\n/dev/c /b"u8, 0xfe, .. " ext4 rw 0 0\n/dev/d\n/dev/e /e ext4\n"u8]);
        var asked = new List<byte[]>();
        using var filesystem = new FilesystemCollector(_tree.Context(), (Mount mount, out FilesystemSpace space) =>
        {
            asked.Add(mount.Path.ToArray());
            space = new FilesystemSpace(100, 50, 10);
            return null;
        });
        Dictionary<string, double> values = Tick(filesystem);
        Assert.Equal(100, values["system.filesystem.limit{/dev/sd\"a,/my \"disk\",ext4,ro}"]);
        Assert.Equal((100, 100), (values["system.filesystem.limit{/dev/b,/b\\xff,ext4,rw}"], values["system.filesystem.limit{/dev/c,/b\\xfe,ext4,rw}"]));
        Assert.Equal(3, asked.Count);
        Assert.Equal([.. "/b"u8, 0xff, 0], asked[1]);
        // It tells no inodes: there are none to report, which is no failure.
        Assert.DoesNotContain(values.Keys, static key => key.StartsWith("system.filesystem.inodes", StringComparison.Ordinal));
        Assert.Empty(LinuxTree.Failures(_columns));
    }

    [Fact]
    public void Device_that_goes_away_between_ticks_takes_its_series_with_it_and_no_others()
    {
        using ICollector disk = _tree.Make("disk");
        _tree.Write("proc/diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n 8 16 sdb 5 2 3 4 5 6 7 8 9 10 11\n");
        Assert.Equal(2, Tick(disk).Keys.Count(static key => key.StartsWith("system.disk.io_time", StringComparison.Ordinal)));
        _tree.Write("proc/diskstats", " 8 16 sdb 6 2 3 4 5 6 7 8 9 10 11\n");
        Dictionary<string, double> values = Tick(disk);
        Assert.Equal(6, values["system.disk.operations{sdb,read}"]);
        Assert.DoesNotContain(values.Keys, static key => key.Contains("sda", StringComparison.Ordinal));
        using ICollector network = _tree.Make("network");
        Tick(network);
        _tree.Write("proc/net/dev", "h|h\n");
        Assert.Empty(Tick(network));
        Assert.Equal(0, _columns.Count);
    }

    [Fact]
    public void Process_that_ends_between_list_and_open_is_not_counted()
    {
        using ICollector processes = _tree.Make("processes");
        Assert.Equal(2, Total());
        for (int pid = 100; pid < 400; pid++) Directory.CreateDirectory(_tree.PathOf($"proc/{pid}"));
        _tree.Write("proc/500/stat", "500 (cut");
        _tree.Write("proc/501/stat", "");
        _tree.Deny("proc/502/stat");
        Assert.Equal(2, Total());

        double Total() => Tick(processes).Where(static pair => pair.Key.StartsWith("system.process.count", StringComparison.Ordinal)).Sum(static pair => pair.Value);
    }

    [Fact]
    public void Key_that_the_kernel_had_and_has_no_more_fails_as_not_here()
    {
        using ICollector vmstat = _tree.Make("vmstat");
        Tick(vmstat);
        IReadOnlyList<SchemaPart> shape = _columns.Parts;
        _tree.Write("proc/vmstat", LinuxFixtures.Files["proc/vmstat"].Replace("oom_kill 28\n", "", StringComparison.Ordinal));
        Dictionary<string, double> values = Tick(vmstat);
        Assert.Equal(FailureReason.NotHere, Assert.Single(LinuxTree.Failures(_columns)).Value);
        Assert.Equal(22, values["system.paging.linux.refaults{file}"]);
        Assert.Same(shape, _columns.Parts);
        _tree.Write("proc/vmstat", LinuxFixtures.Files["proc/vmstat"]);
        Assert.Equal(28, Tick(vmstat)["system.memory.linux.oom.kills{}"]);
    }

    [Fact]
    public void Patterns_take_sensors_and_links_out()
    {
        Assert.DoesNotContain(_tree.Collect("sensors", new NamePatterns([], ["hwmon*"])).Keys, static key => key.Contains("hwmon", StringComparison.Ordinal));
        Assert.Contains("system.network.linux.interface.up{lo}", _tree.Collect("network_link", new NamePatterns(["lo"], [])).Keys);
    }
}
