namespace Weir.Agent.Collectors.Linux;

/// <summary>Swap use from /proc/meminfo, page faults and swap operations from /proc/vmstat.</summary>
/// <remarks>
/// Operations are pages swapped in and out (<c>pswpin</c>, <c>pswpout</c>), all of them major. The kernel's <c>pgpgin</c> and <c>pgpgout</c> are
/// left out: they count kibibytes of all block input and output, which system.disk.io already tells.
/// </remarks>
internal sealed class PagingCollector(LinuxRoots roots) : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.PagingUsage, [["used"], ["free"]]),
        new(Templates.PagingFaults, [["minor"], ["major"]]),
        new(Templates.PagingOperations, [["major", "in"], ["major", "out"]]),
    ];

    private readonly ProcFile _meminfo = new(Path.Combine(roots.Proc, "meminfo"));
    private readonly ProcFile _vmstat = new(Path.Combine(roots.Proc, "vmstat"));

    /// <inheritdoc/>
    public string Name => "paging";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        var info = MemInfo.Parse(_meminfo.Read());
        columns.Set(0, info.SwapTotal - info.SwapFree);
        columns.Set(1, info.SwapFree);

        ulong faults = 0, majorFaults = 0;
        var lines = new ProcText(_vmstat.Read());
        while (lines.TryLine(out ProcText line))
        {
            ReadOnlySpan<byte> key = line.Word();
            if (key.SequenceEqual("pgfault"u8)) faults = line.Number();
            else if (key.SequenceEqual("pgmajfault"u8)) majorFaults = line.Number();
            else if (key.SequenceEqual("pswpin"u8)) columns.Set(4, line.Number());
            else if (key.SequenceEqual("pswpout"u8)) columns.Set(5, line.Number());
        }

        // The kernel's pgfault counts both kinds.
        columns.Set(2, Math.Max(0, (double)faults - majorFaults));
        columns.Set(3, majorFaults);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meminfo.Dispose();
        _vmstat.Dispose();
    }
}
