namespace Weir.Agent.Collectors.Inventory;

/// <summary>What the host is made of: system, machine, firmware, processors, memory and disks, each a series of value 1 whose attributes say what it is.</summary>
/// <remarks>
/// One naming for every system: <c>weir.host.*</c>, since the conventions have attributes for these facts and no metrics; their attributes are the conventions'. As series they
/// have a history: an update of the system or a disk that was replaced is seen where it happened. Serial numbers are left out. What a host does not say is left out. At its
/// interval of an hour it may allocate.
/// </remarks>
/// <param name="read">Reads the parts; throws where nothing of them can be read.</param>
/// <param name="shortfall">Says what the last reading lacks; null where it lacks nothing.</param>
internal sealed class InventoryCollector(Func<IReadOnlyList<InventoryPart>> read, Func<string?>? shortfall = null) : ICollector, IDegraded
{
    private IReadOnlyList<InventoryPart> _last = [];

    /// <inheritdoc/>
    public string Name => "inventory";

    /// <inheritdoc/>
    public string? Shortfall => shortfall?.Invoke();

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        IReadOnlyList<InventoryPart> parts = [.. read().Where(static part => part.Instances.Count > 0)];
        if (columns.Count == 0 || parts.Count != _last.Count || !parts.Zip(_last).All(static pair => pair.First.IsOfTheSameAs(pair.Second)))
        {
            columns.Shape([.. parts.Select(static part => new SchemaPart(part.Template, part.Instances))]);
            _last = parts;
        }

        int series = 0;
        foreach (double value in parts.SelectMany(static part => part.Values)) columns.Set(series++, value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }
}
