namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>A query of PDH for the counters of one object, kept open: a provider gives all of its object whatever is asked, so one call reads it once.</summary>
/// <remarks>
/// By one thread at a time. Counters have English names on every system. Those that are not there are added when <see cref="PdhRefresh"/> has looked again.
/// </remarks>
internal sealed unsafe class PdhQuery : IDisposable
{
    // Between the call that says how much room it takes and the next the array may grow again.
    private const int MaxArrayCalls = 5;

    private readonly string _object;
    private readonly string _path;
    private readonly string[] _names;
    private readonly nint[] _counters;
    private readonly PdhCounterType[] _types;
    private readonly double[] _unitsPerSecond;
    private readonly PdhBuffer _buffer = new();
    private readonly PdhSession _session;
    private nint _query;
    private int _lookedAt;
    private uint _missingCode;

    /// <summary>Opens the query and adds the counters that are there.</summary>
    /// <param name="performanceObject">The object's English name.</param>
    /// <param name="hasInstances">Whether it has instances; all are then read.</param>
    /// <param name="counters">English names.</param>
    /// <param name="session">What it shares with others.</param>
    /// <exception cref="PlatformNotSupportedException">There is no PDH.</exception>
    /// <exception cref="PdhException">It refuses.</exception>
    public PdhQuery(string performanceObject, bool hasInstances, IReadOnlyList<string> counters, PdhSession session)
    {
        PdhLibrary.Require();
        _object = performanceObject;
        _path = hasInstances ? $@"\{performanceObject}(*)\" : $@"\{performanceObject}\";
        _names = [.. counters];
        _counters = new nint[_names.Length];
        _types = new PdhCounterType[_names.Length];
        _unitsPerSecond = new double[_names.Length];
        _session = session;
        _lookedAt = session.Refresh.Generation;
        uint status = PdhNative.PdhOpenQueryW(null, 0, out _query);
        if (status != PdhStatus.Ok) throw Failure(nameof(PdhNative.PdhOpenQueryW), null, status);
        try
        {
            Add();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether a counter is there.</summary>
    public bool Has(int counter) => _counters[counter] != 0;

    /// <summary>Its type, where it is there.</summary>
    public PdhCounterType TypeOf(int counter) => _types[counter];

    /// <summary>Its time base, where it is there; 0 where its type takes none, or PDH does not give it.</summary>
    public double UnitsPerSecondOf(int counter) => _unitsPerSecond[counter];

    /// <summary>Looks for the missing counters where that is due.</summary>
    /// <returns>Whether one came.</returns>
    public bool Look()
    {
        if (Array.IndexOf(_counters, 0) < 0 || _session.Refresh.Ask() is var generation && generation == _lookedAt) return false;
        _lookedAt = generation;
        return Add();
    }

    /// <summary>Reads the object.</summary>
    /// <returns>Whether there may be values.</returns>
    /// <exception cref="FileNotFoundException">None of the counters is there.</exception>
    /// <exception cref="UnauthorizedAccessException">The account lacks a right.</exception>
    /// <exception cref="PdhException">Anything else that is no value and not benign.</exception>
    public bool Collect()
    {
        if (!Array.Exists(_counters, static counter => counter != 0)) throw Failure(nameof(PdhNative.PdhAddEnglishCounterW), null, _missingCode);
        uint status = PdhNative.PdhCollectQueryData(_query);
        if (PdhStatus.IsValue(status)) return true;
        if (!IsHidden(status) && PdhStatus.IsBenign(status)) return false;
        if (PdhStatus.IsMissing(status))
            for (int counter = 0; counter < _counters.Length; counter++) Remove(counter, status);
        throw Failure(nameof(PdhNative.PdhCollectQueryData), null, status);
    }

    /// <summary>The values of a counter for all instances, after <see cref="Collect"/>.</summary>
    /// <param name="counter">A counter that is there. It is not any more where the answer says so.</param>
    /// <param name="items">Valid until the next call; empty unless the status is good.</param>
    /// <returns>A good, benign or missing status.</returns>
    public uint Read(int counter, out ReadOnlySpan<PdhNative.RawItem> items)
    {
        items = default;
        uint bytes = _buffer.Bytes, count = 0, status = PdhStatus.MoreData;
        for (int call = 0; call < MaxArrayCalls && status == PdhStatus.MoreData; call++)
        {
            // The size that comes with "more data" is not always enough: each call brings more room than the one before.
            if (!_buffer.TryGrow(call == 0 ? bytes : Math.Max(bytes, _buffer.Bytes + 1))) break;
            bytes = _buffer.Bytes;
            status = PdhNative.PdhGetRawCounterArrayW(_counters[counter], ref bytes, ref count, _buffer.Items);
        }

        // Only a good answer says how many there are: after any other the count is that of a call before.
        if (PdhStatus.IsValue(status)) items = new ReadOnlySpan<PdhNative.RawItem>(_buffer.Items, (int)count);
        else Judge(counter, status, nameof(PdhNative.PdhGetRawCounterArrayW));
        return status;
    }

    /// <summary>The value of a counter of an object without instances, after <see cref="Collect"/>; as <see cref="Read"/>.</summary>
    public uint ReadOne(int counter, out PdhNative.RawCounter value)
    {
        fixed (PdhNative.RawCounter* to = &value)
        {
            uint status = PdhNative.PdhGetRawCounterValue(_counters[counter], null, to);
            if (!PdhStatus.IsValue(status)) Judge(counter, status, nameof(PdhNative.PdhGetRawCounterValue));
            return status;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // It frees its counters too.
        if (_query != 0) _ = PdhNative.PdhCloseQuery(_query);
        _query = 0;
        _buffer.Dispose();
    }

    private bool Add()
    {
        bool came = false;
        for (int counter = 0; counter < _counters.Length; counter++)
        {
            if (_counters[counter] != 0) continue;
            uint status = PdhNative.PdhAddEnglishCounterW(_query, _path + _names[counter], 0, out nint handle);
            if (PdhStatus.IsMissing(status) || PdhStatus.IsBenign(status))
            {
                _missingCode = status;
                continue;
            }

            if (status != PdhStatus.Ok) throw Failure(nameof(PdhNative.PdhAddEnglishCounterW), _names[counter], status);
            try
            {
                Describe(counter, handle);
            }
            catch
            {
                // What has no type has no values: it is looked for again as if it had not been there.
                _ = PdhNative.PdhRemoveCounter(handle);
                throw;
            }

            _counters[counter] = handle;
            came = true;
        }

        return came;
    }

    private void Describe(int counter, nint handle)
    {
        uint bytes = 0, status = PdhStatus.MoreData;
        for (int call = 0; call < MaxArrayCalls && status == PdhStatus.MoreData && _buffer.TryGrow(bytes); call++)
        {
            bytes = _buffer.Bytes;
            status = PdhNative.PdhGetCounterInfoW(handle, 0, ref bytes, (PdhNative.CounterInfo*)_buffer.Items);
        }

        if (status != PdhStatus.Ok) throw Failure(nameof(PdhNative.PdhGetCounterInfoW), _names[counter], status);
        _types[counter] = new PdhCounterType(((PdhNative.CounterInfo*)_buffer.Items)->Type);
        // A type that uses none is refused with PDH_INVALID_ARGUMENT, and is no failure.
        _unitsPerSecond[counter] = _types[counter].NeedsTimeBase && PdhNative.PdhGetCounterTimeBase(handle, out long units) == PdhStatus.Ok ? units : 0;
    }

    private void Judge(int counter, uint status, string call)
    {
        if (PdhStatus.IsMissing(status)) Remove(counter, status);
        else if (IsHidden(status) || !PdhStatus.IsBenign(status)) throw Failure(call, _names[counter], status);
    }

    // An account without rights gets no data in place of a refusal.
    private bool IsHidden(uint status) => status == PdhStatus.NoData && !_session.HasRights();

    private Exception Failure(string call, string? counter, uint status) => PdhException.Of(call, _object, counter, status, _session.HasRights());

    private void Remove(int counter, uint status)
    {
        if (_counters[counter] != 0) _ = PdhNative.PdhRemoveCounter(_counters[counter]);
        _counters[counter] = 0;
        _missingCode = status;
        // Not looked for before the next refresh.
        _lookedAt = _session.Refresh.Generation;
    }
}
