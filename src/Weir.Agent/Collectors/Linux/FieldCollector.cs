namespace Weir.Agent.Collectors.Linux;

/// <summary>A collector that is a list of keys in kernel files.</summary>
/// <remarks>
/// A row whose keys the host never had is left out. One that it had and lost, or whose value is no number, fails alone: as not here, or as an error. A required file
/// that cannot be read fails all.
/// </remarks>
internal class FieldCollector : ICollector
{
    private readonly FieldFile[] _files;
    private readonly FieldRow[] _rows;
    private readonly int[][] _slots;
    private readonly int[][] _otherSlots;
    private readonly FieldValue[] _values;
    private readonly bool[] _isShown;

    /// <summary>Makes a collector.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="files">The files; owned from now on.</param>
    /// <param name="rows">What is read from them, rows of one template beside each other.</param>
    public FieldCollector(string name, FieldFile[] files, FieldRow[] rows)
    {
        Name = name;
        _files = files;
        _rows = rows;
        var slots = new Dictionary<(int, string), int>();
        _slots = [.. rows.Select(row => (int[])[.. row.Keys.Select(key => SlotOf(key))])];
        _otherSlots = [.. rows.Select(row => (int[])[.. row.Keys.Select(key => key.Other is { } other ? SlotOf(other) : -1)])];
        _values = new FieldValue[slots.Count];
        _isShown = new bool[rows.Length];

        int SlotOf(FieldKey key)
        {
            if (slots.TryGetValue((key.File, key.Name), out int slot)) return slot;
            slot = slots.Count;
            slots.Add((key.File, key.Name), slot);
            _files[key.File].Want(key.Name, slot);
            return slot;
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        foreach (FieldFile file in _files) file.Read(_values);
        bool changed = false, isAny = false;
        for (int r = 0; r < _rows.Length; r++)
        {
            bool isKnown = true;
            foreach (int slot in _slots[r]) isKnown &= _values[slot].IsKnown;
            changed |= isKnown != _isShown[r];
            _isShown[r] = isKnown;
            isAny |= isKnown;
        }

        if (changed || (isAny && columns.Count == 0)) columns.Shape(Parts());
        int series = 0;
        for (int r = 0; r < _rows.Length; r++)
        {
            if (!_isShown[r]) continue;
            for (int k = 0; k < _slots[r].Length; k++, series++)
            {
                FieldValue value = _values[_slots[r][k]];
                int other = _otherSlots[r][k];
                if (other >= 0 && _values[other].IsKnown)
                {
                    value.Failure ??= _values[other].Failure;
                    value.Value += _values[other].Value * _rows[r].Keys[k].OtherFactor;
                }

                if (value.Failure is { } reason) columns.Fail(series, reason);
                else columns.Set(series, value.Value * _rows[r].Scale);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FieldFile file in _files) file.Dispose();
    }

    private List<SchemaPart> Parts()
    {
        var parts = new List<SchemaPart>();
        for (int r = 0; r < _rows.Length;)
        {
            Template template = _rows[r].Template;
            var instances = new List<string[]>();
            for (; r < _rows.Length && ReferenceEquals(_rows[r].Template, template); r++)
                if (_isShown[r]) instances.Add(_rows[r].Instance);
            if (instances.Count > 0) parts.Add(new SchemaPart(template, [.. instances]));
        }

        return parts;
    }
}
