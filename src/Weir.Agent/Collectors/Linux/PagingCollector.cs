namespace Weir.Agent.Collectors.Linux;

/// <summary>Swap use from /proc/meminfo, page faults and swap operations from /proc/vmstat.</summary>
/// <remarks>
/// Operations are pages swapped in and out (<c>pswpin</c>, <c>pswpout</c>), all of them major. The kernel's <c>pgpgin</c> and <c>pgpgout</c> are
/// left out: they count kibibytes of all block input and output, which system.disk.io already tells.
/// </remarks>
internal sealed class PagingCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.PagingUsage, [["used"], ["free"]]),
        new(Templates.PagingFaults, [["minor"], ["major"]]),
        new(Templates.PagingOperations, [["major", "in"], ["major", "out"]]),
    ];

    // The kernel's pgfault counts both kinds.
    private static readonly string[] Keys = ["pgfault", "pgmajfault", "pswpin", "pswpout"];

    private readonly MemInfo _info;
    private readonly FieldFile _vmstat;
    private readonly FieldValue[] _values = new FieldValue[Keys.Length];

    /// <summary>Reads below /proc.</summary>
    public PagingCollector(LinuxRoots roots)
    {
        _info = new MemInfo(roots, "SwapTotal", "SwapFree");
        _vmstat = new FieldFile(Path.Combine(roots.Proc, "vmstat"), FieldForm.Words);
        for (int i = 0; i < Keys.Length; i++) _vmstat.Want(Keys[i], i);
    }

    /// <inheritdoc/>
    public string Name => "paging";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        _info.Read();
        _vmstat.Read(_values);
        if (columns.Count == 0) columns.Shape(Parts);
        _info.Set(columns, 0, _info[0] - _info[1]);
        _info.Set(columns, 1, _info[1]);
        if ((_values[0].Failure ?? _values[1].Failure) is { } reason) columns.Fail(2, reason);
        else columns.Set(2, Math.Max(0, _values[0].Value - _values[1].Value));
        for (int key = 1; key < Keys.Length; key++)
        {
            if (_values[key].Failure is { } own) columns.Fail(2 + key, own);
            else columns.Set(2 + key, _values[key].Value);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _info.Dispose();
        _vmstat.Dispose();
    }
}
