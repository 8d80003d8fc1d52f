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

    private readonly MemInfo _info = new(roots, "MemTotal", "MemFree", "Buffers", "Cached", "SReclaimable", "SUnreclaim", "MemAvailable");

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        _info.Read();
        double total = _info[0], free = _info[1], buffers = _info[2], cached = _info[3] + _info[4], available = _info[6];
        if (double.IsNaN(total) || total == 0) throw new InvalidDataException("/proc/meminfo gives no MemTotal");
        if (columns.Count == 0) columns.Shape(Parts);
        _info.Set(columns, 0, total - free - buffers - cached);
        _info.Set(columns, 1, free);
        _info.Set(columns, 2, buffers);
        _info.Set(columns, 3, cached);
        _info.Set(columns, 4, total);
        _info.Set(columns, 5, Math.Round(1 - (available / total), 4));
        _info.Set(columns, 6, available);
        _info.Set(columns, 7, _info[4]);
        _info.Set(columns, 8, _info[5]);
    }

    /// <inheritdoc/>
    public void Dispose() => _info.Dispose();
}
