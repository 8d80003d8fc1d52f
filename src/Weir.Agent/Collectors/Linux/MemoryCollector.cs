namespace Weir.Agent.Collectors.Linux;

/// <summary>Memory by state from /proc/meminfo.</summary>
/// <remarks>
/// <c>cached</c> includes reclaimable slab, <c>used</c> is what remains, so that the four states add up to the limit. The utilization is of what is
/// not available to new work (MemAvailable), which is what people mean by "memory used".
/// </remarks>
internal sealed class MemoryCollector(LinuxRoots roots) : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.MemoryUsage, [["used"], ["free"], ["buffers"], ["cached"]]),
        new(Templates.Memory, [[]]),
        new(Templates.MemoryAvailable, [[]]),
        new(Templates.MemorySlab, [["reclaimable"], ["unreclaimable"]]),
    ];

    private readonly ProcFile _meminfo = new(Path.Combine(roots.Proc, "meminfo"));

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        var info = MemInfo.Parse(_meminfo.Read());
        if (info.Total == 0) throw new InvalidDataException($"{_meminfo.Path} gives no MemTotal");
        double cached = info.Cached + info.SlabReclaimable;
        columns.Set(0, info.Total - info.Free - info.Buffers - cached);
        columns.Set(1, info.Free);
        columns.Set(2, info.Buffers);
        columns.Set(3, cached);
        columns.Set(4, info.Total);
        columns.Set(5, Math.Round(1 - (info.Available / info.Total), 4));
        columns.Set(6, info.Available);
        columns.Set(7, info.SlabReclaimable);
        columns.Set(8, info.SlabUnreclaimable);
    }

    /// <inheritdoc/>
    public void Dispose() => _meminfo.Dispose();
}
