namespace Weir.Agent.Collectors.Linux;

/// <summary>The three load averages from /proc/loadavg.</summary>
internal sealed class LoadCollector(LinuxRoots roots) : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts = [new(Templates.Load, [[]])];

    private readonly ProcFile _loadavg = new(Path.Combine(roots.Proc, "loadavg"));

    /// <inheritdoc/>
    public string Name => "load";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        var text = new ProcText(_loadavg.Read());
        if (columns.Count == 0) columns.Shape(Parts);
        for (int i = 0; i < 3; i++) columns.Set(i, text.Decimal());
        if (text.IsMalformed) throw new InvalidDataException($"{_loadavg.Path} does not begin with three numbers");
    }

    /// <inheritdoc/>
    public void Dispose() => _loadavg.Dispose();
}
