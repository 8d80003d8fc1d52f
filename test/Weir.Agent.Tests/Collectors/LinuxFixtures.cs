namespace Weir.Agent.Tests.Collectors;

/// <summary>A small host: all the kernel files that the Linux collectors read, with values that tell where they come from.</summary>
internal static class LinuxFixtures
{
    /// <summary>The collectors that read written files, and the files that each cannot do without.</summary>
    public static IReadOnlyList<(string Collector, string[] Required)> Collectors { get; } =
    [
        ("cpu", ["proc/stat"]), ("memory", ["proc/meminfo"]), ("paging", ["proc/meminfo", "proc/vmstat"]), ("disk", ["proc/diskstats"]), ("network", ["proc/net/dev"]),
        ("load", ["proc/loadavg"]), ("uptime", ["proc/uptime"]), ("filesystem", ["proc/self/mounts", "proc/filesystems"]), ("processes", ["proc/stat"]), ("system", ["proc/stat", "proc/loadavg"]),
        ("connections", ["proc/net/snmp"]), ("pressure", []), ("memory_detail", ["proc/meminfo"]), ("vmstat", ["proc/vmstat"]), ("netstat", ["proc/net/snmp"]), ("network_link", []),
        ("file_descriptors", ["proc/sys/fs/file-nr"]), ("entropy", ["proc/sys/kernel/random/entropy_avail", "proc/sys/kernel/random/poolsize"]),
        ("conntrack", ["proc/sys/net/netfilter/nf_conntrack_count", "proc/sys/net/netfilter/nf_conntrack_max"]), ("sensors", []), ("cpu_frequency", []), ("cpu_schedule", ["proc/schedstat"]),
        ("raid", ["proc/mdstat"]), ("arp", ["proc/net/arp"]), ("bonding", []), ("battery", []), ("edac", []), ("infiniband", []), ("nfs", ["proc/net/rpc/nfs"]), ("nfsd", ["proc/net/rpc/nfsd"]), ("zfs", ["proc/spl/kstat/zfs/arcstats"]),
    ];

    /// <summary>The files.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>
    {
        ["proc/stat"] = "cpu  10 20 30 40 50 60 70 80 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\ncpu1 9 18 27 36 45 54 63 72 0 0\nintr 1000 1 2 3\nctxt 2000\nbtime 1700000000\nprocesses 300\nprocs_running 4\nprocs_blocked 5\nsoftirq 6000 1 2\n",
        ["proc/loadavg"] = "0.52 1.25 3.00 2/345 6789\n",
        ["proc/uptime"] = "12345.67 890.12\n",
        ["proc/meminfo"] = "MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 700 kB\nBuffers: 50 kB\nCached: 200 kB\nActive(anon): 11 kB\nUnevictable: 12 kB\nSwapTotal: 90 kB\nSwapFree: 80 kB\nDirty: 13 kB\nShmem: 5 kB\nSReclaimable: 40 kB\nSUnreclaim: 10 kB\nCommitLimit: 800 kB\nCommitted_AS: 300 kB\nHugePages_Total: 7\nHugePages_Free: 3\nHugePages_Rsvd: 1\nHugePages_Surp: 2\nHugepagesize: 2048 kB\n",
        ["proc/vmstat"] = "nr_free_pages 9\nworkingset_refault_anon 21\nworkingset_refault_file 22\npswpin 1\npswpout 2\nallocstall_normal 23\npgfault 30\npgmajfault 4\npgsteal_kswapd 24\npgsteal_direct 25\npgscan_kswapd 26\npgscan_direct 27\noom_kill 28\ncompact_stall 31\ncompact_fail 32\ncompact_success 33\nthp_fault_alloc 34\n",
        ["proc/diskstats"] = " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n 8 1 sda1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n 7 0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        ["sys/class/block/sda1/partition"] = "1\n",
        ["proc/net/dev"] = "Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes    packets\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0: 1000 10 1 2 3 4 5 6 2000 20 7 8 9 10 11 12\n",
        ["proc/self/mounts"] = "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw,relatime 0 0\n",
        ["proc/filesystems"] = "nodev\tproc\n\text4\n",
        ["proc/1/stat"] = "1 (a) b) S 0 1 1 0 -1 4194560 100 0 5 0 10 20 0 0 20 0 1 0 5 16384000 200 18446744073709551615\n",
        ["proc/2/stat"] = "2 (kthreadd) R 0 0 0 0 -1 2129984 0 0 0 0 0 1 0 0 20 0 1 0 5 0 0 18446744073709551615\n",
        ["proc/net/snmp"] = "Ip: Forwarding DefaultTTL\nIp: 1 64\nIcmp: InMsgs OutMsgs\nIcmp: 61 62\nTcp: RtoAlgorithm MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts\nTcp: 1 -1 41 42 43 44 45 46 47 48 49 50\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors\nUdp: 51 52 53 54 55 56\n",
        ["proc/net/snmp6"] = "Ip6InOctets \t71\nIp6OutOctets 72\nIcmp6InMsgs 73\nIcmp6OutMsgs 74\nUdp6InDatagrams 100\nUdp6NoPorts 200\nUdp6InErrors 300\nUdp6OutDatagrams 400\nUdp6RcvbufErrors 500\nUdp6SndbufErrors 600\n",
        ["proc/net/sockstat"] = "sockets: used 81\nTCP: inuse 82 orphan 83 tw 84 alloc 85 mem 86\nUDP: inuse 87 mem 88\nRAW: inuse 0\n",
        ["proc/net/sockstat6"] = "TCP6: inuse 91\nUDP6: inuse 92\n",
        ["proc/net/netstat"] = "TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeouts\nTcpExt: 101 102 103 104\nIpExt: InOctets OutOctets\nIpExt: 105 106\n",
        ["proc/net/softnet_stat"] = "0000000a 00000001 00000002 00000000\n0000000b 00000003 00000004 00000000\n",
        ["proc/pressure/cpu"] = "some avg10=1.50 avg60=2.00 avg300=3.00 total=4000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
        ["proc/pressure/io"] = "some avg10=5.00 avg60=6.00 avg300=7.00 total=8000000\nfull avg10=1.00 avg60=1.00 avg300=1.00 total=1000000\n",
        ["proc/pressure/irq"] = "full avg10=0.10 avg60=0.20 avg300=0.30 total=500000\n",
        ["proc/sys/fs/file-nr"] = "1184\t0\t9223372036854775807\n",
        ["proc/sys/kernel/random/entropy_avail"] = "256\n",
        ["proc/sys/kernel/random/poolsize"] = "512\n",
        ["proc/sys/net/netfilter/nf_conntrack_count"] = "12\n",
        ["proc/sys/net/netfilter/nf_conntrack_max"] = "262144\n",
        ["proc/net/stat/nf_conntrack"] = "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n0000000c 0 00000002 0 00000003 0 0 0 0 00000004 0 0 0 0 0 0 ffffffff\n0000000c 0 00000005 0 00000006 0 0 0 0 00000007 0 0 0 0 0 0 00000001\n",
        ["proc/mdstat"] = "Personalities : [raid1] [raid0]\nmd127 : active (auto-read-only) raid1 sdb1[1] sda1[0](F) sdc1[2](S)\n      248896 blocks super 1.2 [2/1] [U_]\n      \nmd0 : inactive raid0 sdd1[1] sde1[0]\n      1000 blocks super 1.2 512k chunks\n\nunused devices: <none>\n",
        ["proc/net/arp"] = "IP address       HW type     Flags       HW address            Mask     Device\n10.0.0.1 0x1 0x2 02:00:00:00:00:01 * eth0\n10.0.0.2 0x1 0x0 00:00:00:00:00:00 * eth0\n10.1.0.1 0x1 0x2 02:00:00:00:00:02 * eth1\n172.17.0.2 0x1 0x2 02:00:00:00:00:03 * veth1234\n",
        ["sys/class/power_supply/BAT0/type"] = "Battery\n",
        ["sys/class/power_supply/BAT0/capacity"] = "83\n",
        ["sys/class/power_supply/hid-mouse-battery/type"] = "Battery\n",
        ["sys/class/power_supply/hid-mouse-battery/scope"] = "Device\n",
        ["sys/class/power_supply/hid-mouse-battery/capacity"] = "10\n",
        ["sys/class/power_supply/BAT1/type"] = "Battery\n",
        ["sys/class/power_supply/AC/type"] = "Mains\n",
        ["sys/class/power_supply/AC/online"] = "1\n",
        ["proc/net/bonding/bond0"] = "Ethernet Channel Bonding Driver\n\nBonding Mode: active-backup\nMII Status: up\n\nSlave Interface: eth1\nMII Status: up\n\nSlave Interface: eth2\nMII Status: down\n",
        ["proc/net/bonding/bond1"] = "",
        ["proc/schedstat"] = "version 15\ntimestamp 4295\ncpu0 0 0 0 0 0 0 1500000000 2500000000 7\ndomain0 3 0 0\ncpu1 0 0 0 0 0 0 3500000000 4500000000 8\n",
        ["sys/class/net/eth0/operstate"] = "up\n",
        ["sys/class/net/eth0/speed"] = "1000\n",
        ["sys/class/net/eth0/mtu"] = "1500\n",
        ["sys/class/net/eth0/carrier_changes"] = "3\n",
        ["sys/class/net/lo/operstate"] = "unknown\n",
        ["sys/class/net/bonding_masters"] = "\n",
        ["sys/class/hwmon/hwmon0/name"] = "coretemp\n",
        ["sys/class/hwmon/hwmon0/temp1_input"] = "45500\n",
        ["sys/class/hwmon/hwmon0/temp1_label"] = "Core 0\n",
        ["sys/class/hwmon/hwmon0/fan1_input"] = "1200\n",
        ["sys/class/hwmon/hwmon1/name"] = "acpi\n",
        ["sys/class/hwmon/hwmon1/temp1_input"] = "-5000\n",
        ["sys/class/thermal/thermal_zone0/type"] = "x86_pkg_temp\n",
        ["sys/class/thermal/thermal_zone0/temp"] = "61000\n",
        ["sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"] = "2400000\n",
        ["sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq"] = "800000\n",
        ["sys/devices/system/cpu/cpuidle/current_driver"] = "none\n",
        ["sys/devices/system/edac/mc/mc0/mc_name"] = "Socket#0 IMC#0\n",
        ["sys/devices/system/edac/mc/mc0/ce_count"] = "12\n",
        ["sys/devices/system/edac/mc/mc0/ue_count"] = "1\n",
        ["sys/devices/system/edac/mc/mc0/csrow3/ce_count"] = "11\n",
        ["sys/devices/system/edac/mc/mc0/csrow3/ue_count"] = "0\n",
        ["sys/devices/system/edac/mc/mc1/ce_count"] = "2\n",
        ["sys/devices/system/edac/mc/mc1/ue_count"] = "0\n",
        ["sys/class/infiniband/mlx5_0/ports/1/state"] = "4: ACTIVE\n",
        ["sys/class/infiniband/mlx5_0/ports/1/rate"] = "2.5 Gb/sec (1X SDR)\n",
        ["sys/class/infiniband/mlx5_0/ports/1/counters/port_rcv_data"] = "1000\n",
        ["sys/class/infiniband/mlx5_0/ports/1/counters/port_xmit_data"] = "2000\n",
        ["sys/class/infiniband/mlx5_0/ports/1/counters/port_rcv_packets"] = "30\n",
        ["sys/class/infiniband/mlx5_0/ports/1/counters/port_xmit_packets"] = "40\n",
        ["sys/class/infiniband/mlx5_0/ports/1/counters/symbol_error"] = "5\n",
        ["sys/class/infiniband/mlx5_0/ports/1/counters/port_xmit_discards"] = "N/A (no PMA)\n",
        ["sys/class/infiniband/mlx5_0/ports/2/state"] = "1: DOWN\n",
        ["sys/class/infiniband/mlx5_0/ports/2/rate"] = "100 Gb/sec (4X EDR)\n",
        ["proc/net/rpc/nfs"] = "net 10 3 7 2\nrpc 400 5 6\nproc3 22 0 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121\nproc4 5 0 201 202 203 204\n",
        ["proc/net/rpc/nfsd"] = "rc 1 2 3\nfh 4 0 0 0 0\nio 5000 6000\nth 8 0 0.000 0.000\nra 32 0 0\nnet 18 3 15 6\nrpc 70 9 2 3 4\nproc3 22 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21\nproc4 2 30 31\nproc4ops 6 0 0 0 41 42 43\nwdeleg_getattr 0\n",
        ["proc/spl/kstat/zfs/arcstats"] = "13 1 0x01 98 26656 10266548136 1097843241786\nname                            type data\nhits                            4    8772612\nmisses                          4    604635\ndeleted                         4    60403\nc                               4    1643208777\nc_min                           4    33554432\nc_max                           4    4106035200\nsize                            4    1603939792\n",
    };

    /// <summary>Writes them.</summary>
    public static void WriteTo(LinuxTree tree)
    {
        foreach ((string path, string text) in Files) tree.Write(path, text);
    }
}
