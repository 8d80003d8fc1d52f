using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>An object as a table: a row for each instance, a column for each counter, values as they are shipped.</summary>
/// <remarks>By one thread at a time. A tick on which no instance and no counter came or went allocates nothing.</remarks>
internal sealed unsafe class PdhTable : IDisposable
{
    private const byte NotDue = 0, Present = 1, Failed = 2, Denied = 3;

    private readonly PdhQuery _query;
    private readonly PdhColumn[] _columns;
    private readonly PdhConversion[] _conversions;
    private readonly PdhInstances? _instances;
    private readonly TimeProvider _time;
    private readonly long _began;
    private string[] _rows = [];
    private double[] _values = [];
    private byte[] _states = [];
    private PdhTrack[] _tracks = [];
    private PdhMoment _moment;
    private bool _hasChanged = true;

    /// <summary>Opens it.</summary>
    /// <param name="performanceObject">English name of the object.</param>
    /// <param name="columns">The counters that are wanted; those that this system lacks stay empty.</param>
    /// <param name="instances">Which instances are rows; null where the object has none, and one row.</param>
    /// <param name="session">What it shares with others.</param>
    /// <exception cref="PlatformNotSupportedException">There is no PDH.</exception>
    public PdhTable(string performanceObject, IReadOnlyList<PdhColumn> columns, PdhInstances? instances, PdhSession session)
    {
        _columns = [.. columns];
        _conversions = new PdhConversion[_columns.Length];
        _instances = instances;
        _time = session.Time;
        _began = _time.GetTimestamp();
        _query = new PdhQuery(performanceObject, instances is not null, [.. columns.Select(static column => column.Counter)], session);
    }

    /// <summary>Names of the rows.</summary>
    public IReadOnlyList<string> Rows => _rows;

    /// <summary>Instances that are no rows because there are too many.</summary>
    public int LeftOut => _instances?.LeftOut ?? 0;

    /// <summary>Whether this system has a counter, of a type that can be shipped.</summary>
    public bool Has(int column) => _query.Has(column) && _conversions[column].Meaning != PdhMeaning.Unsupported;

    /// <summary>How a counter's values are made; null where it is not there.</summary>
    public PdhConversion? ConversionOf(int column) => _query.Has(column) ? _conversions[column] : null;

    /// <summary>Reads all values.</summary>
    /// <returns>Whether rows and columns are those of the last call that returned.</returns>
    /// <exception cref="FileNotFoundException">None of the counters is there.</exception>
    /// <exception cref="UnauthorizedAccessException">The account lacks a right.</exception>
    /// <exception cref="PdhException">PDH fails.</exception>
    public bool Read()
    {
        bool hadChanged = _hasChanged;
        // A look that fails at one counter may have brought others, which are described then at the next reading.
        _hasChanged = true;
        _hasChanged = _query.Look() || hadChanged;
        if (_hasChanged) Describe();
        Array.Fill(_states, NotDue);
        TimeSpan from = _time.GetElapsedTime(_began);
        bool isCollected = _query.Collect();
        _moment = new PdhMoment(from, _time.GetElapsedTime(_began));
        if (isCollected)
        {
            if (_instances is null) ReadOne();
            else ReadAll(_instances);
        }

        bool same = !_hasChanged;
        _hasChanged = false;
        return same;
    }

    /// <summary>Gives a value to a series, or says why there is none; where it is not due the series stays so.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="series">The series.</param>
    /// <param name="cell">From <see cref="CellOf"/>, since the last change of the shape.</param>
    public void Set(Columns columns, int series, int cell)
    {
        switch (_states[cell])
        {
            case Present:
                columns.Set(series, _values[cell]);
                break;
            case Failed:
                columns.Fail(series, FailureReason.Error);
                break;
            case Denied:
                columns.Fail(series, FailureReason.AccessDenied);
                break;
        }
    }

    /// <summary>Where the value of a counter of a row is.</summary>
    public int CellOf(int column, int row) => (column * _rows.Length) + row;

    /// <summary>The value of a cell; null where there is none at this tick.</summary>
    public double? ValueOf(int column, int row) => _states[CellOf(column, row)] == Present ? _values[CellOf(column, row)] : null;

    /// <inheritdoc/>
    public void Dispose() => _query.Dispose();

    private void Describe()
    {
        for (int column = 0; column < _columns.Length; column++)
            if (_query.Has(column)) _conversions[column] = new PdhConversion(_query.TypeOf(column), _columns[column].Part, _query.UnitsPerSecondOf(column));
    }

    private void ReadOne()
    {
        if (_rows.Length == 0) Resize([""]);
        for (int column = 0; column < _columns.Length; column++)
        {
            if (!Has(column)) continue;
            uint status = _query.ReadOne(column, out PdhNative.RawCounter value);
            if (PdhStatus.IsValue(status)) Take(column, 0, value);
            _hasChanged |= PdhStatus.IsMissing(status);
        }
    }

    private void ReadAll(PdhInstances instances)
    {
        bool isKnown = false, isEmpty = false;
        for (int column = 0; column < _columns.Length; column++)
        {
            if (!Has(column)) continue;
            uint status = _query.Read(column, out ReadOnlySpan<PdhNative.RawItem> items);
            _hasChanged |= PdhStatus.IsMissing(status);
            isEmpty |= status == PdhStatus.NoInstance;
            if (!PdhStatus.IsValue(status)) continue;
            // The first counter that answers says which instances there are.
            if (!isKnown && !IsAsBefore(instances, items)) Learn(instances, items);
            isKnown = true;
            instances.Rewind();
            foreach (ref readonly PdhNative.RawItem item in items)
                if (instances.Find(NameOf(item)) is >= 0 and var row) Take(column, row, item.Value);
        }

        if (!isKnown && isEmpty && _rows.Length > 0) Learn(instances, []);
    }

    private void Take(int column, int row, in PdhNative.RawCounter raw)
    {
        int cell = CellOf(column, row);
        if (PdhStatus.IsBenign(raw.Status)) return;
        if (!PdhStatus.IsValue(raw.Status)) _states[cell] = raw.Status == PdhStatus.AccessDenied ? Denied : Failed;
        else if (_conversions[column].Apply(raw.First, raw.Second, _moment, ref _tracks[cell]) is { } value && (value != 0 || !_columns[column].IsZeroNone))
        {
            _values[cell] = (value * _columns[column].Factor) + _columns[column].Offset;
            _states[cell] = Present;
        }
    }

    private static bool IsAsBefore(PdhInstances instances, ReadOnlySpan<PdhNative.RawItem> items)
    {
        instances.Begin();
        foreach (ref readonly PdhNative.RawItem item in items) instances.Next(NameOf(item));
        return instances.End();
    }

    private void Learn(PdhInstances instances, ReadOnlySpan<PdhNative.RawItem> items)
    {
        var names = new List<string>(items.Length);
        foreach (ref readonly PdhNative.RawItem item in items) names.Add(new string(NameOf(item)));
        instances.Learn(names);
        Resize([.. instances.Reported]);
    }

    // What is remembered of an instance goes with its name.
    private void Resize(string[] rows)
    {
        _hasChanged = true;
        var before = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int row = 0; row < _rows.Length; row++) before.Add(_rows[row], row);
        var tracks = new PdhTrack[_columns.Length * rows.Length];
        for (int column = 0; column < _columns.Length; column++)
            for (int row = 0; row < rows.Length; row++)
                if (before.TryGetValue(rows[row], out int old)) tracks[(column * rows.Length) + row] = _tracks[(column * _rows.Length) + old];
        _rows = rows;
        _tracks = tracks;
        _values = new double[tracks.Length];
        _states = new byte[tracks.Length];
    }

    private static ReadOnlySpan<char> NameOf(in PdhNative.RawItem item) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(item.Name);
}
