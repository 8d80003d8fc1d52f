namespace Weir.Agent.Collectors.Linux;

/// <summary>The cache of ZFS in memory: size, what it aims at, hits, misses and evictions, from /proc/spl/kstat/zfs/arcstats.</summary>
/// <remarks>Not here where the module was never loaded.</remarks>
internal sealed class ZfsCollector(LinuxRoots roots)
    : FieldCollector("zfs", [new FieldFile(Path.Combine(roots.Proc, "spl", "kstat", "zfs", "arcstats"), FieldForm.Kstat)], Rows)
{
    private static readonly FieldRow[] Rows =
    [
        new(Templates.ZfsCache, [], Key("size"), Key("c"), Key("c_max")),
        new(Templates.ZfsCacheUse, [], Key("hits"), Key("misses"), Key("deleted")),
    ];

    private static FieldKey Key(string name) => new(0, name);
}
