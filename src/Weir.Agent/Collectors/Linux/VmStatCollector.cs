namespace Weir.Agent.Collectors.Linux;

/// <summary>Out-of-memory kills, page reclaim, refaults, compaction and huge page faults from /proc/vmstat.</summary>
/// <remarks>Faults and swapped pages are those of <see cref="PagingCollector"/>.</remarks>
internal sealed class VmStatCollector(LinuxRoots roots)
    : FieldCollector("vmstat", [new FieldFile(Path.Combine(roots.Proc, "vmstat"), FieldForm.Words)], Rows)
{
    private static readonly FieldRow[] Rows =
    [
        new(Templates.OutOfMemoryKills, [], Key("oom_kill")),
        .. ((string[])["kswapd", "direct", "khugepaged"]).Select(static by => new FieldRow(Templates.PageReclaim, [by], Key($"pgscan_{by}"), Key($"pgsteal_{by}"))),
        new(Templates.PageRefaults, ["anonymous"], Key("workingset_refault_anon")),
        new(Templates.PageRefaults, ["file"], Key("workingset_refault_file")),
        .. ((string[])["dma", "dma32", "normal", "movable"]).Select(static zone => new FieldRow(Templates.AllocationStalls, [zone], Key($"allocstall_{zone}"))),
        new(Templates.Compaction, [], Key("compact_stall"), Key("compact_success"), Key("compact_fail")),
        new(Templates.HugePageFaults, ["allocated"], Key("thp_fault_alloc")),
        new(Templates.HugePageFaults, ["fallback"], Key("thp_fault_fallback")),
    ];

    private static FieldKey Key(string name) => new(0, name);
}
