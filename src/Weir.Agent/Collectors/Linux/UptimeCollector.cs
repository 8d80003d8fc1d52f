namespace Weir.Agent.Collectors.Linux;

/// <summary>Seconds since the host started, from /proc/uptime.</summary>
internal sealed class UptimeCollector(LinuxRoots roots) : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts = [new(Templates.Uptime, [[]])];

    private readonly ProcFile _uptime = new(Path.Combine(roots.Proc, "uptime"));

    /// <inheritdoc/>
    public string Name => "uptime";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        var text = new ProcText(_uptime.Read());
        if (columns.Count == 0) columns.Shape(Parts);
        columns.Set(0, text.Decimal());
        if (text.IsMalformed) throw new InvalidDataException($"{_uptime.Path} does not begin with a number");
    }

    /// <inheritdoc/>
    public void Dispose() => _uptime.Dispose();
}
