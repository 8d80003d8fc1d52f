namespace Weir.Agent.Recordings;

/// <summary>Gives the ticks of a recorded group again, one at each tick, and begins anew at the end.</summary>
/// <remarks>Counters go on where the recording ends: they never fall back, whatever the recording's length. What was missing stays missing. A steady tick allocates nothing.</remarks>
internal sealed class ReplayCollector : ICollector
{
    private readonly RecordedGroup _group;
    private IReadOnlyList<SchemaPart>? _parts;
    private bool[] _isCounter = [];
    private double[] _offsets = [];
    private string[] _keys = [];
    private readonly Dictionary<string, double> _carried = new(StringComparer.Ordinal);
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
        Carry();
        _keys = KeysOf(parts);
        _offsets = [.. _keys.Select(key => _carried.GetValueOrDefault(key))];
    }

    // A series that comes back under another shape goes on from where it was.
    private void Carry()
    {
        for (int series = 0; series < _keys.Length; series++)
            if (_offsets[series] > 0) _carried[_keys[series]] = _offsets[series];
    }

    // From the last tick of the recording to its first: a counter goes on from where it was, where both have it.
    private void GoOn(RecordedTick last)
    {
        RecordedTick first = _group.Ticks[0];
        Dictionary<string, double> begins = [];
        string[] keys = ReferenceEquals(first.Parts, last.Parts) ? _keys : KeysOf(first.Parts);
        for (int series = 0; series < keys.Length; series++)
            if (first.Present[series] != 0) begins[keys[series]] = first.Values[series];
        for (int series = 0; series < _offsets.Length; series++)
            if (_isCounter[series] && last.Present[series] != 0 && begins.TryGetValue(_keys[series], out double begin)) _offsets[series] += Math.Max(0, last.Values[series] - begin);
    }

    private static string[] KeysOf(IReadOnlyList<SchemaPart> parts) =>
        [.. parts.SelectMany(static part => part.Instances.SelectMany(instance => part.Template.Metrics.Select(metric => $"{metric.Name}\0{string.Join('\0', instance)}")))];
}
