using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Ships what a <see cref="PdhObject"/> says from one query.</summary>
/// <remarks>A template of which this system has no counter is left out of the shape; a counter that it lacks within one is not due. One that somebody chose is named where it has no time base.</remarks>
internal sealed class PdhCollector : ICollector, IDegraded
{
    private readonly PdhObject _object;
    private readonly PdhColumn[] _columns;
    private readonly PdhTable _table;

    // Where each series has its value, in the order of the series.
    private readonly List<int> _cells = [];
    private bool _isShaped;
    private volatile string? _shortfall;

    /// <summary>Opens the query.</summary>
    /// <param name="name">The collector's name.</param>
    /// <param name="performanceObject">What it ships.</param>
    /// <param name="names">Which instances, by the names that they have in their series.</param>
    /// <param name="session">What queries share.</param>
    /// <exception cref="PlatformNotSupportedException">There is no PDH.</exception>
    public PdhCollector(string name, PdhObject performanceObject, NamePatterns names, PdhSession session)
    {
        Name = name;
        _object = performanceObject;
        _columns = [.. performanceObject.Series.SelectMany(static series => series.Variants).SelectMany(static variant => variant.Columns).Distinct()];
        int perRow = performanceObject.Series.Sum(static series => series.Variants.Count * series.Template.Metrics.Count);
        int most = Math.Min(performanceObject.MaxInstances, (Columns.MaxSeries - 1) / perRow);
        PdhInstances? instances = performanceObject.HasInstances
            ? new PdhInstances(instance => names.Says(performanceObject.NameOf(instance)) ?? true, most)
            : null;
        _table = new PdhTable(performanceObject.Name, _columns, instances, session);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string? Shortfall => _shortfall;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        bool same = _table.Read();
        if (!same || !_isShaped)
        {
            _isShaped = false;
            Shape(columns);
            _isShaped = true;
        }

        for (int series = 0; series < _cells.Count; series++) _table.Set(columns, series, _cells[series]);
        if (_table.LeftOut > 0) columns.Set(_cells.Count, _table.LeftOut);
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();

    private void Shape(Columns columns)
    {
        _cells.Clear();
        string[] names = NamesOfRows();
        var parts = new List<SchemaPart>();
        var lacking = new List<string>();
        foreach (PdhSeries series in _object.Series)
        {
            if (_object.IsStrict) Check(series, lacking);
            if (names.Length == 0 || !series.Variants.Any(IsHere)) continue;
            var instances = new List<string[]>();
            for (int row = 0; row < names.Length; row++)
            {
                foreach (PdhVariant variant in series.Variants)
                {
                    instances.Add(_object.HasInstances ? [names[row], .. variant.Attributes] : [.. variant.Attributes]);
                    foreach (PdhColumn column in variant.Columns) _cells.Add(_table.CellOf(Array.IndexOf(_columns, column), row));
                }
            }

            parts.Add(new SchemaPart(series.Template, [.. instances]));
        }

        if (_table.LeftOut > 0) parts.Add(new SchemaPart(AgentTemplates.LeftOut, [[Name]]));
        columns.Shape(parts);
        _shortfall = lacking.Count == 0 ? null : $"{string.Join(", ", lacking)}: left out, for PDH gives no time base";
    }

    private void Check(PdhSeries series, List<string> lacking)
    {
        foreach (PdhVariant variant in series.Variants)
        {
            for (int metric = 0; metric < variant.Columns.Count; metric++)
            {
                if (_table.ConversionOf(Array.IndexOf(_columns, variant.Columns[metric])) is not { } conversion) continue;
                string counter = $@"\{_object.Name}\{variant.Columns[metric].Counter}", type = $"0x{conversion.Type.Code:X8}";
                if (conversion.Meaning == PdhMeaning.Unsupported && conversion.LacksTimeBase)
                {
                    lacking.Add($"{counter} of type {type}");
                    continue;
                }

                if (conversion.Meaning == PdhMeaning.Unsupported) throw new NotSupportedException($"{counter} has the type {type}, which has no value that could be shipped");
                bool isCounter = series.Template.Metrics[metric].Kind == MetricKind.Counter;
                if (isCounter != conversion.IsCumulative) throw new NotSupportedException($"{counter} of type {type} is a {(isCounter ? "gauge" : "counter")}, and configured as a {(isCounter ? "counter" : "gauge")}: change its kind");
            }
        }
    }

    // Two instances that would be called the same keep the names that PDH gives them.
    private string[] NamesOfRows()
    {
        string[] names = [.. _table.Rows.Select(_object.NameOf)];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : [.. _table.Rows];
    }

    private bool IsHere(PdhVariant variant) => variant.Columns.Any(column => _table.Has(Array.IndexOf(_columns, column)));
}
