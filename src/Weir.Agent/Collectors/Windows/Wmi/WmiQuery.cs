namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>A question to WMI: some properties of the rows of one class.</summary>
/// <remarks>Immutable. Names are checked by <see cref="WmiNames"/> before; the condition is passed as it is.</remarks>
internal sealed class WmiQuery
{
    /// <summary>Most rows of a query where it does not say otherwise.</summary>
    public const int DefaultMaxRows = 1000;

    /// <summary>Makes a query.</summary>
    /// <param name="nameSpace">As in <c>root\cimv2</c>.</param>
    /// <param name="className">As in <c>Win32_LogicalDisk</c>.</param>
    /// <param name="properties">Names in the order of a row's values.</param>
    /// <param name="where">A WQL condition; null: all rows.</param>
    public WmiQuery(string nameSpace, string className, IReadOnlyList<string> properties, string? where = null)
    {
        Namespace = nameSpace;
        ClassName = className;
        Properties = properties;
        Text = $"SELECT {string.Join(", ", properties)} FROM {className}{(where is null ? "" : $" WHERE {where}")}";
    }

    /// <summary>Where the class is.</summary>
    public string Namespace { get; }

    /// <summary>Whose rows are asked for.</summary>
    public string ClassName { get; }

    /// <summary>The properties, in the order of a row's values.</summary>
    public IReadOnlyList<string> Properties { get; }

    /// <summary>The query in WQL.</summary>
    public string Text { get; }

    /// <summary>Most rows; a query that has more fails.</summary>
    public int MaxRows { get; init; } = DefaultMaxRows;
}
