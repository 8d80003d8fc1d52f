namespace Weir.Agent.Collectors.Linux;

/// <summary>What memory is used for beyond the four states, huge pages and commitments, from /proc/meminfo.</summary>
/// <remarks>Kinds overlap (a mapped page may be active, dirty and shared): they are not to be added up.</remarks>
internal sealed class MemoryDetailCollector(LinuxRoots roots)
    : FieldCollector("memory_detail", [new FieldFile(Path.Combine(roots.Proc, "meminfo"), FieldForm.Colon)], Rows)
{
    private const double KiB = 1024;

    private static readonly (string Kind, string Key)[] Kinds =
    [
        ("dirty", "Dirty"), ("writeback", "Writeback"), ("mapped", "Mapped"), ("anonymous", "AnonPages"), ("page_tables", "PageTables"),
        ("kernel_stack", "KernelStack"), ("per_cpu", "Percpu"), ("vmalloc", "VmallocUsed"), ("swap_cached", "SwapCached"),
        ("active_anonymous", "Active(anon)"), ("inactive_anonymous", "Inactive(anon)"), ("active_file", "Active(file)"), ("inactive_file", "Inactive(file)"),
        ("unevictable", "Unevictable"), ("locked", "Mlocked"), ("anonymous_huge_pages", "AnonHugePages"), ("hugetlb", "Hugetlb"),
        ("hardware_corrupted", "HardwareCorrupted"),
    ];

    private static readonly FieldRow[] Rows =
    [
        new(Templates.MemoryShared, [], Key("Shmem")) { Scale = KiB },
        .. Kinds.Select(static kind => new FieldRow(Templates.MemoryKind, [kind.Kind], Key(kind.Key)) { Scale = KiB }),
        new(Templates.HugePages, ["used"], new FieldKey(0, "HugePages_Total", Key("HugePages_Free"), -1)),
        new(Templates.HugePages, ["free"], Key("HugePages_Free")),
        new(Templates.HugePageCounts, [], Key("HugePages_Total"), Key("HugePages_Rsvd"), Key("HugePages_Surp")),
        new(Templates.HugePageSize, [], Key("Hugepagesize")) { Scale = KiB },
        new(Templates.MemoryCommit, [], Key("Committed_AS"), Key("CommitLimit")) { Scale = KiB },
    ];

    private static FieldKey Key(string name) => new(0, name);
}
