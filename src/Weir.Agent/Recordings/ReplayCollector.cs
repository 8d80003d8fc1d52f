namespace Weir.Agent.Recordings;

/// <summary>Gives the ticks of a recorded group again, one at each tick, and begins anew at the end.</summary>
/// <remarks>Counters go on where the recording ends: they never fall back, whatever the recording's length. What was missing stays missing. A steady tick allocates nothing.</remarks>
internal sealed class ReplayCollector : ICollector
{
    private readonly RecordedGroup _group;
    private IReadOnlyList<SchemaPart>? _parts;
    private bool[] _isCounter = [];
    private double[] _offsets = [];
    private int _next;

    /// <summary>Makes a collector that begins with any tick of the recording.</summary>
    /// <param name="group">The group.</param>
    /// <param name="first">The tick to begin with, taken modulo their number: hosts that replay one recording need not do so in step.</param>
    public ReplayCollector(RecordedGroup group, int first)
    {
        _group = group;
        _next = first % group.Ticks.Count;
    }

    /// <inheritdoc/>
    public string Name => _group.Name;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        RecordedTick tick = _group.Ticks[_next];
        if (!ReferenceEquals(tick.Parts, _parts)) Shape(tick.Parts, columns);
        for (int series = 0; series < tick.Values.Length; series++)
            if (tick.Present[series] != 0) columns.Set(series, tick.Values[series] + _offsets[series]);
        _next++;
        if (_next < _group.Ticks.Count) return;
        _next = 0;
        GoOn(tick);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The recording is shared.
    }

    private void Shape(IReadOnlyList<SchemaPart> parts, Columns columns)
    {
        columns.Shape(parts);
        _parts = parts;
        _isCounter = [.. parts.SelectMany(static part => part.Instances.SelectMany(_ => part.Template.Metrics.Select(static metric => metric.Kind == MetricKind.Counter)))];
        _offsets = new double[_isCounter.Length];
    }

    // From the last tick of the recording to its first: a counter goes on from where it was. Where the two have other series there is nothing to go on from.
    private void GoOn(RecordedTick last)
    {
        RecordedTick first = _group.Ticks[0];
        if (!ReferenceEquals(first.Parts, last.Parts)) return;
        for (int series = 0; series < _offsets.Length; series++)
            if (_isCounter[series] && first.Present[series] != 0 && last.Present[series] != 0) _offsets[series] += Math.Max(0, last.Values[series] - first.Values[series]);
    }
}
