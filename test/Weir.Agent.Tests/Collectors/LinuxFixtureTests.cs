using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>The Linux collectors on a small written host, with values checked by hand.</summary>
public sealed class LinuxFixtureTests : IDisposable
{
    private readonly LinuxTree _tree = new();

    public LinuxFixtureTests() => LinuxFixtures.WriteTo(_tree);

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("disk", "system.disk.io{sda,read}=1536 system.disk.io{sda,write}=3584 system.disk.pending_operations{sda}=9 system.disk.io_time{sda}=0.01 system.disk.weighted_io_time{sda}=0.011 system.disk.linux.discard.io{sda}=7168 system.disk.linux.discard.operations{sda}=12 system.disk.linux.flush.operations{sda}=16 system.disk.linux.flush.operation_time{sda}=0.017")]
    [InlineData("network", "system.network.linux.errors{eth0,receive,fifo}=3 system.network.linux.errors{eth0,receive,frame}=4 system.network.linux.errors{eth0,transmit,fifo}=9 system.network.linux.errors{eth0,transmit,collision}=10 system.network.linux.errors{eth0,transmit,carrier}=11 system.network.packet.count{eth0,transmit}=20")]
    [InlineData("paging", "system.paging.usage{used}=10240 system.paging.faults{minor}=26 system.paging.faults{major}=4 system.paging.operations{major,in}=1 system.paging.operations{major,out}=2")]
    [InlineData("processes", "system.process.count{sleeping}=1 system.process.count{running}=1 system.process.created{}=300")]
    [InlineData("system", "system.cpu.context_switches{}=2000 system.cpu.interrupts{}=1000 system.cpu.linux.softirqs{}=6000 system.linux.threads.runnable{}=4 system.linux.threads.blocked{}=5 system.linux.boot_time{}=1700000000 system.thread.count{}=345")]
    [InlineData("connections", "system.network.connection.count{tcp,established}=45 system.network.connection.count{tcp,time_wait}=84 system.network.tcp.segments{receive}=46 system.network.tcp.segments{transmit}=47 system.network.tcp.retransmits{}=48 system.network.tcp.resets{}=50 system.network.udp.datagrams{receive}=151 system.network.udp.datagrams{transmit}=454 system.network.linux.socket.count{}=81 system.network.linux.socket.used{ipv6,udp}=92 system.network.linux.tcp.orphaned{}=83")]
    [InlineData("pressure", "system.linux.pressure.stall.time{cpu,some}=4 system.linux.pressure.stall.time{io,full}=1 system.linux.pressure.stall.time{irq,full}=0.5 system.linux.pressure.stall.ratio{cpu,some,10s}=0.015 system.linux.pressure.stall.ratio{irq,full,300s}=0.003")]
    [InlineData("memory_detail", "system.memory.linux.shared{}=5120 system.memory.linux.usage{dirty}=13312 system.memory.linux.usage{active_anonymous}=11264 system.memory.linux.hugepages.usage{used}=4 system.memory.linux.hugepages.usage{free}=3 system.memory.linux.hugepages.limit{}=7 system.memory.linux.hugepages.reserved{}=1 system.memory.linux.hugepages.surplus{}=2 system.memory.linux.hugepages.page_size{}=2097152 system.memory.linux.commit.usage{}=307200 system.memory.linux.commit.limit{}=819200")]
    [InlineData("vmstat", "system.memory.linux.oom.kills{}=28 system.paging.linux.scanned{kswapd}=26 system.paging.linux.reclaimed{kswapd}=24 system.paging.linux.refaults{file}=22 system.memory.linux.allocation.stalls{normal}=23 system.memory.linux.compaction.stalls{}=31 system.memory.linux.compaction.successes{}=33 system.memory.linux.compaction.failures{}=32 system.memory.linux.thp.faults{allocated}=34")]
    [InlineData("netstat", "system.network.linux.tcp.opens{active}=41 system.network.linux.tcp.errors{attempt}=43 system.network.linux.tcp.errors{listen_drop}=103 system.network.linux.tcp.syncookies{sent}=101 system.network.linux.udp.errors{no_port}=252 system.network.linux.ip.io{ipv4,receive}=105 system.network.linux.ip.io{ipv6,transmit}=72 system.network.linux.icmp.messages{ipv4,receive}=61 system.network.linux.backlog.processed{}=0 system.network.linux.backlog.dropped{}=0 system.network.linux.backlog.squeezed{}=0")]
    [InlineData("network_link", "system.network.linux.interface.up{eth0}=1 system.network.linux.interface.speed{eth0}=1000000000 system.network.linux.interface.mtu{eth0}=1500 system.network.linux.interface.carrier_changes{eth0}=3")]
    [InlineData("file_descriptors", "system.linux.file_descriptor.count{}=1184 system.linux.file_descriptor.limit{}=9223372036854775807")]
    [InlineData("entropy", "system.linux.entropy.available{}=256 system.linux.entropy.pool_size{}=512")]
    [InlineData("conntrack", "system.network.linux.conntrack.entries{}=12 system.network.linux.conntrack.limit{}=262144 system.network.linux.conntrack.events{found}=0 system.network.linux.conntrack.events{search_restart}=0")]
    [InlineData("sensors", "hw.temperature{hwmon0:temp1,coretemp,Core 0}=45.5 hw.temperature{hwmon1:temp1,acpi}=-5 hw.temperature{thermal_zone0,x86_pkg_temp}=61 hw.fan.speed{hwmon0:fan1,coretemp}=1200")]
    [InlineData("cpu_frequency", "system.cpu.frequency{0}=2400000000 system.cpu.frequency{1}=800000000")]
    [InlineData("cpu_schedule", "system.cpu.linux.run_time{0}=1.5 system.cpu.linux.wait_time{0}=2.5 system.cpu.linux.run_time{1}=3.5 system.cpu.linux.wait_time{1}=4.5")]
    [InlineData("raid", "system.disk.linux.raid.disks{md127,required}=2 system.disk.linux.raid.disks{md127,active}=1 system.disk.linux.raid.disks{md127,failed}=1 system.disk.linux.raid.disks{md127,spare}=1 system.disk.linux.raid.active{md127}=1 system.disk.linux.raid.disks{md0,required}=2 system.disk.linux.raid.disks{md0,active}=2 system.disk.linux.raid.active{md0}=0")]
    [InlineData("arp", "system.network.linux.arp.entries{eth0}=2 system.network.linux.arp.entries{eth1}=1")]
    [InlineData("battery", "hw.battery.charge{BAT0}=0.83 system.linux.power.external{AC}=1")]
    [InlineData("bonding", "system.network.linux.bonding.links{bond0,configured}=2 system.network.linux.bonding.links{bond0,up}=1")]
    [InlineData("edac", "hw.errors{mc0,Socket#0 IMC#0,correctable}=12 hw.errors{mc0,Socket#0 IMC#0,uncorrectable}=1 hw.errors{mc1,correctable}=2 system.memory.linux.row.errors{mc0,csrow3,correctable}=11 system.memory.linux.row.errors{mc0,csrow3,uncorrectable}=0")]
    [InlineData("infiniband", "system.network.linux.infiniband.io{mlx5_0,1,receive}=4000 system.network.linux.infiniband.io{mlx5_0,1,transmit}=8000 system.network.linux.infiniband.packets{mlx5_0,1,receive}=30 system.network.linux.infiniband.packets{mlx5_0,1,transmit}=40 system.network.linux.infiniband.errors{mlx5_0,1,symbol}=5 system.network.linux.infiniband.state{mlx5_0,1}=4 system.network.linux.infiniband.state{mlx5_0,2}=1 system.network.linux.infiniband.rate{mlx5_0,1}=2500000000 system.network.linux.infiniband.rate{mlx5_0,2}=100000000000")]
    [InlineData("nfs", "nfs.client.net.count{udp}=3 nfs.client.net.count{tcp}=7 nfs.client.net.tcp.connection.accepted{}=2 nfs.client.rpc.count{}=400 nfs.client.rpc.retransmit.count{}=5 nfs.client.rpc.authrefresh.count{}=6 nfs.client.procedure.count{3,NULL}=0 nfs.client.procedure.count{3,GETATTR}=101 nfs.client.procedure.count{3,READ}=106 nfs.client.procedure.count{3,COMMIT}=121 nfs.client.operation.count{4,READ}=201 nfs.client.operation.count{4,OPEN}=204")]
    [InlineData("nfsd", "nfs.server.repcache.requests{hit}=1 nfs.server.repcache.requests{miss}=2 nfs.server.repcache.requests{nocache}=3 nfs.server.fh.stale.count{}=4 nfs.server.io{read}=5000 nfs.server.io{write}=6000 nfs.server.thread.count{}=8 nfs.server.net.count{tcp}=15 nfs.server.net.tcp.connection.accepted{}=6 nfs.server.rpc.count{}=70 nfs.server.rpc.count{format}=2 nfs.server.rpc.count{auth}=3 nfs.server.rpc.count{client}=4 nfs.server.procedure.count{3,WRITE}=7 nfs.server.procedure.count{4,COMPOUND}=31 nfs.server.operation.count{4,ACCESS}=41 nfs.server.operation.count{4,COMMIT}=43")]
    [InlineData("zfs", "system.filesystem.linux.zfs.arc.size{}=1603939792 system.filesystem.linux.zfs.arc.target{}=1643208777 system.filesystem.linux.zfs.arc.limit{}=4106035200 system.filesystem.linux.zfs.arc.hits{}=8772612 system.filesystem.linux.zfs.arc.misses{}=604635 system.filesystem.linux.zfs.arc.evictions{}=60403")]
    public void Collect_Fixture_GivesTheValues(string collector, string expected)
    {
        Dictionary<string, double> values = _tree.Collect(collector);
        foreach (string[] pair in expected.Split(' ').Aggregate(new List<string>(), Join).Select(static pair => pair.Split('=')))
            Assert.Equal(double.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture), values[pair[0]], 1e-9);

        // A label may hold a blank: what has no value yet goes on.
        static List<string> Join(List<string> pairs, string word)
        {
            if (pairs.Count > 0 && !pairs[^1].Contains('=', StringComparison.Ordinal)) pairs[^1] += " " + word;
            else pairs.Add(word);
            return pairs;
        }
    }

    [Fact]
    public void Collect_CountsOfProcessorsIn32Bits_AreWhatCameSinceTheFirstReading()
    {
        var columns = new Columns();
        using ICollector netstat = _tree.Make("netstat"), conntrack = _tree.Make("conntrack");
        LinuxTree.Tick(netstat, columns);
        _tree.Write("proc/net/softnet_stat", "0000000d 00000002 00000005 00000000\n0000000f 00000006 00000009 00000000\n");
        LinuxTree.Tick(netstat, columns);
        Dictionary<string, double> values = LinuxTree.Values(columns);
        Assert.Equal((7, 4, 8), (values["system.network.linux.backlog.processed{}"], values["system.network.linux.backlog.dropped{}"], values["system.network.linux.backlog.squeezed{}"]));

        const string File = "proc/net/stat/nf_conntrack";
        columns = new Columns();
        LinuxTree.Tick(conntrack, columns);
        string[] lines = LinuxFixtures.Files[File].Split('\n');
        _tree.Write(File, $"{lines[0]}\n0000000c 0 00000002 0 00000005 0 0 0 0 00000014 0 0 0 0 0 0 00000003\n{lines[2]}\n");
        LinuxTree.Tick(conntrack, columns);
        values = LinuxTree.Values(columns);
        Assert.Equal((0, 2, 16, 4), (values["system.network.linux.conntrack.events{found}"], values["system.network.linux.conntrack.events{invalid}"], values["system.network.linux.conntrack.events{insert_failed}"], values["system.network.linux.conntrack.events{search_restart}"]));
    }

    [Fact]
    public void Collect_WhatAKernelLacks_IsLeftOutOfTheShape()
    {
        Assert.DoesNotContain(_tree.Collect("vmstat").Keys, static key => key.Contains("khugepaged", StringComparison.Ordinal) || key.Contains("fallback", StringComparison.Ordinal));
        Assert.DoesNotContain(_tree.Collect("pressure").Keys, static key => key.Contains("memory", StringComparison.Ordinal));
        Assert.DoesNotContain(_tree.Collect("infiniband").Keys, static key => key.Contains("discard", StringComparison.Ordinal) || key.Contains("io{mlx5_0,2", StringComparison.Ordinal));
        Assert.DoesNotContain(_tree.Collect("nfs").Keys, static key => key.Contains("{2,", StringComparison.Ordinal) || key.Contains("OPEN_CONFIRM", StringComparison.Ordinal));
        Assert.DoesNotContain(_tree.Collect("arp").Keys, static key => key.Contains("veth", StringComparison.Ordinal));
        Assert.DoesNotContain(_tree.Collect("battery").Keys, static key => key.Contains("mouse", StringComparison.Ordinal) || key.Contains("BAT1", StringComparison.Ordinal));
        _tree.Write("proc/diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n");
        Assert.DoesNotContain(_tree.Collect("disk").Keys, static key => key.Contains("linux", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pressure", "proc/pressure")]
    [InlineData("network_link", "sys/class/net")]
    [InlineData("entropy", "proc/sys/kernel/random")]
    [InlineData("conntrack", "proc/sys/net/netfilter")]
    [InlineData("sensors", "sys/class")]
    [InlineData("cpu_frequency", "sys/devices/system/cpu/")]
    [InlineData("cpu_schedule", "proc/schedstat")]
    [InlineData("raid", "proc/mdstat")]
    [InlineData("arp", "proc/net/arp")]
    [InlineData("battery", "sys/class/power_supply")]
    [InlineData("bonding", "proc/net/bonding")]
    [InlineData("edac", "sys/devices/system/edac")]
    [InlineData("infiniband", "sys/class/infiniband")]
    [InlineData("nfs", "proc/net/rpc/nfs")]
    [InlineData("nfsd", "proc/net/rpc/nfsd")]
    [InlineData("zfs", "proc/spl")]
    public void Collect_HostLacksIt_IsNotHereWithoutErrorUntilItComes(string name, string path)
    {
        string full = _tree.PathOf(path), away = _tree.PathOf("away");
        Move(full, away);
        var time = new FakeTimeProvider();
        using SourcedCollector collector = CollectorCatalog.All.Single(info => info.Name == name).TryCreate(_tree.Context(time: time), NullLogger.Instance)!;
        var columns = new Columns();
        for (int tick = 0; tick < 3; tick++)
        {
            LinuxTree.Tick(collector, columns);
            Assert.Equal((0, SourceState.NotHere), (columns.Count, collector.StateOf(0)));
            Assert.Contains(_tree.PathOf(""), collector.ErrorOf(0)!.Message, StringComparison.Ordinal);
        }

        Move(away, full);
        LinuxTree.Tick(collector, columns);
        Assert.Equal(0, columns.Count);
        time.Advance(TimeSpan.FromMinutes(1));
        LinuxTree.Tick(collector, columns);
        Assert.NotEqual(0, columns.Count);
        Assert.Equal(SourceState.Works, collector.StateOf(0));

        static void Move(string from, string to)
        {
            if (Directory.Exists(from)) Directory.Move(from.TrimEnd('/'), to.TrimEnd('/'));
            else File.Move(from, to);
        }
    }

    [Theory]
    [InlineData("cpu_frequency", "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "system.cpu.frequency{1}")]
    [InlineData("pressure", "proc/pressure/irq", "system.linux.pressure.stall.time{irq,full}")]
    public void Collect_WhatComesLater_IsFoundWithinAMinute(string name, string path, string series)
    {
        File.Delete(_tree.PathOf(path));
        var time = new FakeTimeProvider();
        using ICollector collector = _tree.Make(name, time: time);
        var columns = new Columns();
        LinuxTree.Tick(collector, columns);
        Assert.NotEqual(0, columns.Count);
        IReadOnlyList<SchemaPart> shape = columns.Parts;
        _tree.Write(path, LinuxFixtures.Files[path]);
        LinuxTree.Tick(collector, columns);
        Assert.DoesNotContain(series, LinuxTree.Values(columns).Keys);
        time.Advance(TimeSpan.FromMinutes(1));
        LinuxTree.Tick(collector, columns);
        Assert.Contains(series, LinuxTree.Values(columns).Keys);
        Assert.Equal(shape[0].SeriesCount + 1, columns.Parts[0].SeriesCount);
        time.Advance(TimeSpan.FromMinutes(1));
        shape = columns.Parts;
        LinuxTree.Tick(collector, columns);
        Assert.Same(shape, columns.Parts);
    }

    [Fact]
    public void Collect_NeighboursOfInterfacesThatAreLeftOut_AllocateNothing()
    {
        using ICollector collector = _tree.Make("arp");
        var columns = new Columns();
        for (int tick = 0; tick < 3; tick++) LinuxTree.Tick(collector, columns);
        Assert.Equal(0, Allocations.Least(() => LinuxTree.Tick(collector, columns)));
    }

    [Fact]
    public void Collect_NeighboursThatAreForgotten_CountZeroForAMinuteThenHaveNoSeries()
    {
        var time = new FakeTimeProvider();
        using ICollector collector = _tree.Make("arp", time: time);
        var columns = new Columns();
        LinuxTree.Tick(collector, columns);
        _tree.Write("proc/net/arp", LinuxFixtures.Files["proc/net/arp"].Replace("eth1", "eth0", StringComparison.Ordinal));
        LinuxTree.Tick(collector, columns);
        Assert.Equal([3, 0], columns.Values[..columns.Count].ToArray());
        time.Advance(TimeSpan.FromMinutes(1));
        LinuxTree.Tick(collector, columns);
        Assert.Equal([3], columns.Values[..columns.Count].ToArray());
    }

    [Fact]
    public void Collect_SpeedThatTheDriverDoesNotKnow_HasNoValue()
    {
        _tree.Write("sys/class/net/eth0/speed", "-1\n");
        Assert.DoesNotContain("system.network.linux.interface.speed{eth0}", _tree.Collect("network_link").Keys);
    }

    [Fact]
    public void Network_link_goes_with_its_interface()
    {
        using ICollector collector = _tree.Make("network_link");
        var columns = new Columns();
        LinuxTree.Tick(collector, columns);
        Directory.Move(_tree.PathOf("sys/class/net/eth0"), _tree.PathOf("sys/class/net/eth1"));
        // Files stay readable through an open descriptor here; below /sys they do not.
        File.Delete(_tree.PathOf("sys/class/net/eth1/operstate"));
        collector.Dispose();
        LinuxTree.Tick(collector, columns);
        Assert.Equal(FailureReason.NotHere, LinuxTree.Failures(columns)["system.network.linux.interface.up{eth1}"]);
        Assert.Equal(1500, LinuxTree.Values(columns)["system.network.linux.interface.mtu{eth1}"]);
    }
}
