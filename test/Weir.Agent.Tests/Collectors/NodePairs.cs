namespace Weir.Agent.Tests.Collectors;

/// <summary>What the agent and node_exporter both measure on Linux, side by side.</summary>
internal static class NodePairs
{
    private const double Near = 0.02;

    // Some kernels let idle and iowait run backward by a little.
    private const double Backward = 1;

    /// <summary>The pairs.</summary>
    public static IReadOnlyList<NodePair> All { get; } =
    [
        .. Same("cpu.mode", "system.cpu.time", "node_cpu_seconds_total", "cpu=$cpu.logical_number mode=", ["user", "nice", "system", "softirq", "steal"]),
        new("system.cpu.time", "cpu.mode=interrupt", "node_cpu_seconds_total", "cpu=$cpu.logical_number mode=irq"),
        new("system.cpu.time", "cpu.mode=idle", "node_cpu_seconds_total", "cpu=$cpu.logical_number mode=idle", Tolerance: Backward),
        new("system.cpu.time", "cpu.mode=iowait", "node_cpu_seconds_total", "cpu=$cpu.logical_number mode=iowait", Tolerance: Backward),
        new("system.cpu.load_average.1m", "", "node_load1", "", Tolerance: Near),
        new("system.cpu.load_average.5m", "", "node_load5", "", Tolerance: Near),
        new("system.cpu.load_average.15m", "", "node_load15", "", Tolerance: Near),
        new("system.cpu.context_switches", "", "node_context_switches_total", ""),
        new("system.cpu.interrupts", "", "node_intr_total", ""),
        new("system.cpu.frequency", "", "node_cpu_scaling_frequency_hertz", "cpu=$cpu.logical_number", Tolerance: 0.5),
        new("system.cpu.linux.run_time", "", "node_schedstat_running_seconds_total", "cpu=$cpu.logical_number"),
        new("system.cpu.linux.wait_time", "", "node_schedstat_waiting_seconds_total", "cpu=$cpu.logical_number"),
        new("system.process.created", "", "node_forks_total", ""),
        new("system.linux.threads.runnable", "", "node_procs_running", "", Tolerance: 3),
        new("system.linux.threads.blocked", "", "node_procs_blocked", "", Tolerance: 3),
        new("system.linux.boot_time", "", "node_boot_time_seconds", ""),
        new("system.uptime", "", "node_time_seconds - node_boot_time_seconds", "", Tolerance: 2),

        Memory("system.memory.limit", "", "MemTotal"),
        Memory("system.memory.usage", "system.memory.state=free", "MemFree"),
        Memory("system.memory.usage", "system.memory.state=buffers", "Buffers"),
        new("system.memory.usage", "system.memory.state=cached", "node_memory_Cached_bytes + node_memory_SReclaimable_bytes", "", Tolerance: Near),
        Memory("system.memory.linux.available", "", "MemAvailable"),
        Memory("system.memory.linux.slab.usage", "system.memory.linux.slab.state=reclaimable", "SReclaimable"),
        Memory("system.memory.linux.slab.usage", "system.memory.linux.slab.state=unreclaimable", "SUnreclaim"),
        Memory("system.memory.linux.shared", "", "Shmem"),
        Memory("system.memory.linux.commit.usage", "", "Committed_AS"),
        Memory("system.memory.linux.commit.limit", "", "CommitLimit"),
        .. Kinds(("dirty", "Dirty"), ("writeback", "Writeback"), ("mapped", "Mapped"), ("anonymous", "AnonPages"), ("page_tables", "PageTables"), ("kernel_stack", "KernelStack"),
            ("per_cpu", "Percpu"), ("vmalloc", "VmallocUsed"), ("swap_cached", "SwapCached"), ("active_anonymous", "Active_anon"), ("inactive_anonymous", "Inactive_anon"),
            ("active_file", "Active_file"), ("inactive_file", "Inactive_file"), ("unevictable", "Unevictable"), ("locked", "Mlocked"), ("anonymous_huge_pages", "AnonHugePages"), ("hugetlb", "Hugetlb")),
        new("system.memory.linux.hugepages.limit", "", "node_memory_HugePages_Total", ""),
        new("system.memory.linux.hugepages.usage", "system.memory.linux.hugepages.state=free", "node_memory_HugePages_Free", "", Tolerance: Near),
        new("system.memory.linux.hugepages.usage", "system.memory.linux.hugepages.state=used", "node_memory_HugePages_Total - node_memory_HugePages_Free", "", Tolerance: Near),
        new("system.memory.linux.hugepages.reserved", "", "node_memory_HugePages_Rsvd", "", Tolerance: Near),
        new("system.memory.linux.hugepages.surplus", "", "node_memory_HugePages_Surp", "", Tolerance: Near),
        Memory("system.memory.linux.hugepages.page_size", "", "Hugepagesize"),
        Memory("system.paging.usage", "system.paging.state=free", "SwapFree"),
        new("system.paging.usage", "system.paging.state=used", "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes", "", Tolerance: Near),
        new("system.paging.faults", "system.paging.fault.type=minor", "node_vmstat_pgfault - node_vmstat_pgmajfault", ""),
        new("system.paging.faults", "system.paging.fault.type=major", "node_vmstat_pgmajfault", ""),
        new("system.paging.operations", "system.paging.direction=in", "node_vmstat_pswpin", ""),
        new("system.paging.operations", "system.paging.direction=out", "node_vmstat_pswpout", ""),
        new("system.memory.linux.oom.kills", "", "node_vmstat_oom_kill", ""),
        Pressure("cpu", "some", "node_pressure_cpu_waiting_seconds_total"),
        Pressure("io", "some", "node_pressure_io_waiting_seconds_total"),
        Pressure("io", "full", "node_pressure_io_stalled_seconds_total"),
        Pressure("memory", "some", "node_pressure_memory_waiting_seconds_total"),
        Pressure("memory", "full", "node_pressure_memory_stalled_seconds_total"),

        .. Disk("read", "node_disk_read_bytes_total", "node_disk_reads_completed_total", "node_disk_read_time_seconds_total", "node_disk_reads_merged_total"),
        .. Disk("write", "node_disk_written_bytes_total", "node_disk_writes_completed_total", "node_disk_write_time_seconds_total", "node_disk_writes_merged_total"),
        OfDisk("system.disk.io_time", "node_disk_io_time_seconds_total"),
        OfDisk("system.disk.weighted_io_time", "node_disk_io_time_weighted_seconds_total"),
        OfDisk("system.disk.linux.discard.io", "node_disk_discarded_sectors_total") with { Scale = 512 },
        OfDisk("system.disk.linux.discard.operations", "node_disk_discards_completed_total"),
        OfDisk("system.disk.linux.discard.operation_time", "node_disk_discard_time_seconds_total"),
        OfDisk("system.disk.linux.discard.merged", "node_disk_discards_merged_total"),
        OfDisk("system.disk.linux.flush.operations", "node_disk_flush_requests_total"),
        OfDisk("system.disk.linux.flush.operation_time", "node_disk_flush_requests_time_seconds_total"),
        new("system.disk.pending_operations", "", "node_disk_io_now", "device=$system.device", Tolerance: 4),
        Filesystem("system.filesystem.limit", "", "node_filesystem_size_bytes"),
        Filesystem("system.filesystem.usage", "free", "node_filesystem_avail_bytes"),
        Filesystem("system.filesystem.usage", "used", "node_filesystem_size_bytes - node_filesystem_free_bytes"),
        Filesystem("system.filesystem.usage", "reserved", "node_filesystem_free_bytes - node_filesystem_avail_bytes"),
        Filesystem("system.filesystem.inodes.usage", "free", "node_filesystem_files_free"),
        Filesystem("system.filesystem.inodes.usage", "used", "node_filesystem_files - node_filesystem_files_free"),
        Filesystem("system.filesystem.linux.read_only", "", "node_filesystem_readonly"),

        new("system.network.linux.arp.entries", "", "node_arp_entries", "device=$network.interface.name", Tolerance: 1),
        .. Network("system.network.io", "bytes"), .. Network("system.network.packet.dropped", "drop"), .. Network("system.network.errors", "errs"),
        .. Network("system.network.packet.count", "packets", "system.device"),
        NetworkKind("receive", "fifo", "node_network_receive_fifo_total"), NetworkKind("receive", "frame", "node_network_receive_frame_total"),
        NetworkKind("transmit", "fifo", "node_network_transmit_fifo_total"), NetworkKind("transmit", "collision", "node_network_transmit_colls_total"),
        NetworkKind("transmit", "carrier", "node_network_transmit_carrier_total"),
        Link("system.network.linux.interface.up", "node_network_up"), Link("system.network.linux.interface.mtu", "node_network_mtu_bytes"),
        Link("system.network.linux.interface.carrier_changes", "node_network_carrier_changes_total"), Link("system.network.linux.interface.speed", "node_network_speed_bytes") with { Scale = 8 },

        new("system.network.connection.count", "network.connection.state=established", "node_netstat_Tcp_CurrEstab", "", Tolerance: 5),
        new("system.network.connection.count", "network.connection.state=time_wait", "node_sockstat_TCP_tw", "", Tolerance: 5),
        Net("system.network.tcp.segments", "network.io.direction=receive", "Tcp_InSegs"), Net("system.network.tcp.segments", "network.io.direction=transmit", "Tcp_OutSegs"),
        Net("system.network.tcp.retransmits", "", "Tcp_RetransSegs"), Net("system.network.tcp.resets", "", "Tcp_OutRsts"),
        Net("system.network.udp.datagrams", "network.io.direction=receive", "Udp_InDatagrams", "Udp6_InDatagrams"),
        Net("system.network.udp.datagrams", "network.io.direction=transmit", "Udp_OutDatagrams", "Udp6_OutDatagrams"),
        Net("system.network.linux.tcp.opens", "system.network.linux.tcp.open.kind=active", "Tcp_ActiveOpens"),
        Net("system.network.linux.tcp.opens", "system.network.linux.tcp.open.kind=passive", "Tcp_PassiveOpens"),
        TcpError("receive", "Tcp_InErrs"), TcpError("listen_overflow", "TcpExt_ListenOverflows"), TcpError("listen_drop", "TcpExt_ListenDrops"),
        TcpError("timeout", "TcpExt_TCPTimeouts"), TcpError("syn_retransmit", "TcpExt_TCPSynRetrans"),
        SynCookie("sent", "TcpExt_SyncookiesSent"), SynCookie("received", "TcpExt_SyncookiesRecv"), SynCookie("failed", "TcpExt_SyncookiesFailed"),
        UdpError("receive", "InErrors"), UdpError("no_port", "NoPorts"), UdpError("receive_buffer", "RcvbufErrors"), UdpError("send_buffer", "SndbufErrors"),
        Ip("system.network.linux.ip.io", "ipv4", "receive", "IpExt_InOctets"), Ip("system.network.linux.ip.io", "ipv4", "transmit", "IpExt_OutOctets"),
        Ip("system.network.linux.ip.io", "ipv6", "receive", "Ip6_InOctets"), Ip("system.network.linux.ip.io", "ipv6", "transmit", "Ip6_OutOctets"),
        Ip("system.network.linux.icmp.messages", "ipv4", "receive", "Icmp_InMsgs"), Ip("system.network.linux.icmp.messages", "ipv4", "transmit", "Icmp_OutMsgs"),
        Ip("system.network.linux.icmp.messages", "ipv6", "receive", "Icmp6_InMsgs"), Ip("system.network.linux.icmp.messages", "ipv6", "transmit", "Icmp6_OutMsgs"),
        SinceStart("system.network.linux.backlog.processed", "", "node_softnet_processed_total"), SinceStart("system.network.linux.backlog.dropped", "", "node_softnet_dropped_total"),
        SinceStart("system.network.linux.backlog.squeezed", "", "node_softnet_times_squeezed_total"),
        Sockets("system.network.linux.socket.count", "", "sockets_used"), Sockets("system.network.linux.tcp.orphaned", "", "TCP_orphan"), Sockets("system.network.linux.tcp.allocated", "", "TCP_alloc"),
        Sockets("system.network.linux.socket.used", "network.type=ipv4 network.transport=tcp", "TCP_inuse"), Sockets("system.network.linux.socket.used", "network.type=ipv4 network.transport=udp", "UDP_inuse"),
        Sockets("system.network.linux.socket.used", "network.type=ipv6 network.transport=tcp", "TCP6_inuse"), Sockets("system.network.linux.socket.used", "network.type=ipv6 network.transport=udp", "UDP6_inuse"),
        new("system.network.linux.socket.memory", "network.transport=tcp", "node_sockstat_TCP_mem_bytes", "", Tolerance: 0.5), new("system.network.linux.socket.memory", "network.transport=udp", "node_sockstat_UDP_mem_bytes", "", Tolerance: 0.5),
        new("system.network.linux.conntrack.entries", "", "node_nf_conntrack_entries", "", Tolerance: 5), new("system.network.linux.conntrack.limit", "", "node_nf_conntrack_entries_limit", ""),
        .. ((string[])["found", "invalid", "ignore", "insert", "insert_failed", "drop", "early_drop", "search_restart"])
            .Select(static name => SinceStart("system.network.linux.conntrack.events", $"system.network.linux.conntrack.event={name}", $"node_nf_conntrack_stat_{name}")),

        new("system.linux.file_descriptor.count", "", "node_filefd_allocated", "", Tolerance: 0.1), new("system.linux.file_descriptor.limit", "", "node_filefd_maximum", ""),
        new("system.linux.entropy.available", "", "node_entropy_available_bits", "", Tolerance: Near), new("system.linux.entropy.pool_size", "", "node_entropy_pool_size_bits", ""),
        new("system.linux.time.synchronized", "", "node_timex_sync_status", ""), new("system.linux.time.offset", "", "node_timex_offset_seconds", "", Tolerance: 0.001),
        new("system.linux.time.max_error", "", "node_timex_maxerror_seconds", "", Tolerance: Near), new("system.linux.time.estimated_error", "", "node_timex_estimated_error_seconds", "", Tolerance: Near),
    ];

    /// <summary>What node_exporter measures by default and the agent does not: its families, <c>*</c> for any end, and what they are. docs/metrics.md lists them.</summary>
    public static IReadOnlyList<(string Families, string What)> LeftOut { get; } =
    [
        ("node_bcache_* node_btrfs_* node_fibrechannel_* node_ipvs_* node_rapl_* node_tape_* node_xfs_*", "bcache, Btrfs, Fibre Channel, IPVS, RAPL, tape drives, XFS"),
        ("node_textfile_*", "text files that others write: serve them over HTTP and scrape them"),
        ("node_udp_queues node_sockstat_FRAG* node_sockstat_RAW* node_sockstat_UDPLITE* node_netstat_UdpLite*", "queues of UDP sockets, fragments, raw and UDP-Lite sockets"),
        ("node_netstat_Icmp_InErrors node_netstat_Icmp6_InErrors node_netstat_Ip_Forwarding", "errors of ICMP, whether IP is forwarded"),
        ("node_network_receive_multicast_* node_network_receive_nohandler_* node_network_receive_compressed_* node_network_transmit_compressed_*", "multicast, compressed and unhandled packets"),
        ("node_network_address_* node_network_carrier node_network_carrier_down_* node_network_carrier_up_* node_network_device_id node_network_dormant node_network_flags node_network_iface_* node_network_info node_network_name_* node_network_net_dev_group node_network_protocol_type node_network_transmit_queue_length",
            "numbers and flags of an interface other than whether it is up, its speed, packet size and changes of carrier"),
        ("node_cpu_guest_*", "time of guests, which is part of `user` and `nice`"),
        ("node_memory_Active_bytes node_memory_Inactive_bytes node_memory_Slab_bytes node_memory_KReclaimable_bytes node_memory_DirectMap* node_memory_Vmalloc* node_memory_Balloon_bytes node_memory_Bounce_bytes node_memory_File* node_memory_Shmem* node_memory_NFS_* node_memory_SecPageTables_bytes node_memory_WritebackTmp_bytes node_memory_Zswap*",
            "sums of kinds of memory that are measured one by one, and kinds that are rare"),
        ("node_hwmon_in_* node_hwmon_curr_* node_hwmon_power_* node_hwmon_humidity_* node_cooling_device_* node_cpu_core_throttles_* node_cpu_package_throttles_*", "voltages, currents, power and humidity of sensors, cooling devices, throttling by heat"),
        ("node_power_supply_*", "batteries and supplies beyond charge and whether there is external power"),
        ("node_md_blocks*", "blocks of a software RAID"),
        ("node_vmstat_pgpgin node_vmstat_pgpgout", "octets that disks read and wrote, which `disk` has by device"),
        ("node_timex_*", "the kernel's clock beyond offset, errors, frequency and whether it is synchronized"),
        ("node_disk_info node_dmi_info node_nvme_info node_os_* node_uname_info node_time_* node_selinux_*", "descriptions: the inventory has what names the host, its system and its disks"),
        ("node_filesystem_device_error node_exporter_* node_scrape_*", "what it says of itself: failed readings are declared, `weir.agent.*` tells the rest"),
    ];

    // Measured, and compared with written files alone: of hardware that machines for tests seldom have. Pages of socket memory are octets under another name.
    private const string Elsewhere = "node_sockstat_TCP_mem node_sockstat_UDP_mem node_hwmon_* node_thermal_zone_* node_edac_* node_md_* node_nfs_* node_nfsd_* node_infiniband_* node_zfs_* node_bonding_* node_cpu_frequency_* node_cpu_scaling_* node_schedstat_*";

    /// <summary>Whether a family is left out, or compared elsewhere.</summary>
    public static bool IsKnown(string family) =>
        LeftOut.Select(static group => group.Families).Append(Elsewhere).SelectMany(static families => families.Split(' ')).Any(pattern => pattern.EndsWith('*') ? family.StartsWith(pattern[..^1], StringComparison.Ordinal) : family == pattern);

    private static IEnumerable<NodePair> Same(string attribute, string ours, string theirs, string labels, string[] values) =>
        values.Select(value => new NodePair(ours, $"{attribute}={value}", theirs, labels + value));

    private static NodePair Memory(string ours, string where, string key) => new(ours, where, $"node_memory_{key}_bytes", "", Tolerance: Near);

    // What is small changes by much of itself.
    private static IEnumerable<NodePair> Kinds(params (string Kind, string Key)[] kinds) =>
        kinds.Select(static kind => Memory("system.memory.linux.usage", $"system.memory.linux.kind={kind.Kind}", kind.Key) with { Tolerance = 0.1 });

    private static NodePair SinceStart(string ours, string where, string theirs) => new(ours, where, theirs, "") { IsSinceStart = true };

    private static NodePair Pressure(string resource, string stall, string theirs) =>
        new("system.linux.pressure.stall.time", $"system.linux.pressure.resource={resource} system.linux.pressure.stall={stall}", theirs, "");

    private static NodePair OfDisk(string ours, string theirs) => new(ours, "", theirs, "device=$system.device");

    private static IEnumerable<NodePair> Disk(string direction, string bytes, string operations, string time, string merged) =>
        new[] { ("io", bytes), ("operations", operations), ("operation_time", time), ("merged", merged) }
            .Select(pair => OfDisk($"system.disk.{pair.Item1}", pair.Item2) with { Where = $"disk.io.direction={direction}" });

    private static NodePair Filesystem(string ours, string state, string theirs) =>
        new(ours, state.Length == 0 ? "" : $"system.filesystem.state={state}", theirs, "device=$system.device mountpoint=$system.filesystem.mountpoint", Tolerance: Near);

    private static IEnumerable<NodePair> Network(string ours, string key, string attribute = "network.interface.name") =>
        ((string[])["receive", "transmit"]).Select(direction => new NodePair(ours, $"network.io.direction={direction}", $"node_network_{direction}_{key}_total", $"device=${attribute}"));

    private static NodePair NetworkKind(string direction, string kind, string theirs) =>
        new("system.network.linux.errors", $"network.io.direction={direction} system.network.linux.error.kind={kind}", theirs, "device=$network.interface.name");

    private static NodePair Link(string ours, string theirs) => new(ours, "", theirs, "device=$network.interface.name");

    private static NodePair Net(string ours, string where, params string[] keys) => new(ours, where, string.Join(" + ", keys.Select(static key => $"node_netstat_{key}")), "");

    private static NodePair TcpError(string kind, string key) => Net("system.network.linux.tcp.errors", $"system.network.linux.error.kind={kind}", key);

    private static NodePair SynCookie(string state, string key) => Net("system.network.linux.tcp.syncookies", $"system.network.linux.tcp.syncookie.state={state}", key);

    private static NodePair UdpError(string kind, string key) => Net("system.network.linux.udp.errors", $"system.network.linux.error.kind={kind}", $"Udp_{key}", $"Udp6_{key}");

    private static NodePair Ip(string ours, string type, string direction, string key) => Net(ours, $"network.type={type} network.io.direction={direction}", key);

    private static NodePair Sockets(string ours, string where, string key) => new(ours, where, $"node_sockstat_{key}", "", Tolerance: 5);
}
