using System.Text;

namespace Weir.Agent.Collectors.Linux;

/// <summary>A kernel file of keys and values, of which some are wanted.</summary>
/// <remarks>
/// The order in which the wanted keys come is learned, so that a steady pass compares each key once. A pass that finds another number of keys, or misses one that
/// was ever there, learns anew, and so does each 64th: a key may come late. Nothing of this allocates once the buffer is large enough. Not thread-safe.
/// </remarks>
internal sealed class FieldFile(string path, FieldForm form, bool isRequired = true) : IDisposable
{
    private const int PositionDigits = 4;
    private const int PassesOfAnOrder = 64;

    private readonly ProcFile _file = new(path);
    private readonly List<Wanted> _wanted = [];
    private readonly List<int> _order = [];
    private FieldValue[] _values = [];
    private int _at;
    private int _seen;
    private int _learnedOf = -1;
    private int _known;
    private int _passes;
    private bool _learning;

    /// <summary>Where the file is.</summary>
    public string Path => path;

    /// <summary>Wants a key; its value will stand at <paramref name="slot"/>.</summary>
    public void Want(string name, int slot)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        _wanted.Add(new Wanted(Encoding.UTF8.GetBytes(dot < 0 ? "" : name[..dot]), Encoding.UTF8.GetBytes(name[(dot + 1)..]), slot));
    }

    /// <summary>Reads the wanted values. A key that the host had before and has no more fails as not here.</summary>
    /// <exception cref="IOException">The file is required, and cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is required, and has none of what is wanted.</exception>
    public void Read(FieldValue[] values)
    {
        _values = values;
        foreach (Wanted wanted in _wanted) values[wanted.Slot].Failure = FailureReason.NotHere;
        ReadOnlySpan<byte> text;
        try
        {
            text = _file.Read();
        }
        catch (Exception error) when (!isRequired && error is IOException or UnauthorizedAccessException)
        {
            if (error is not (FileNotFoundException or DirectoryNotFoundException)) Fail(error is UnauthorizedAccessException ? FailureReason.AccessDenied : FailureReason.Error);
            return;
        }

        Walk(text);
        if (_at == _known && _seen == _learnedOf && ++_passes % PassesOfAnOrder != 0) return;
        _order.Clear();
        _learning = true;
        Walk(text);
        _learning = false;
        _learnedOf = _seen;
        _known = Math.Max(_known, _order.Count);
        if (isRequired && _order.Count == 0) throw new InvalidDataException($"{path} has nothing of what is expected");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Fail(FailureReason reason)
    {
        foreach (Wanted wanted in _wanted)
        {
            _values[wanted.Slot].Failure = reason;
            _values[wanted.Slot].IsKnown = true;
        }
    }

    private void Walk(ReadOnlySpan<byte> text)
    {
        _at = 0;
        _seen = 0;
        var lines = new ProcText(text);
        switch (form)
        {
            case FieldForm.Colon:
            case FieldForm.Words:
                while (lines.TryLine(out ProcText line)) Take(default, form == FieldForm.Colon ? line.Until((byte)':') : line.Word(), ref line);
                break;
            case FieldForm.Pairs:
                while (lines.TryLine(out ProcText keys) && lines.TryLine(out ProcText line)) TakePairs(ref keys, ref line);
                break;
            case FieldForm.Groups:
                while (lines.TryLine(out ProcText line)) TakeGroup(ref line);
                break;
            case FieldForm.Lists:
                while (lines.TryLine(out ProcText line)) TakeNumbers(line.Word(), ref line);
                break;
            case FieldForm.Kstat:
                while (lines.TryLine(out ProcText line)) TakeTyped(ref line);
                break;
            case FieldForm.Numbers:
                if (lines.TryLine(out ProcText numbers)) TakeNumbers(default, ref numbers);
                break;
            default:
                TakeHex(ref lines);
                break;
        }
    }

    private void Take(scoped ReadOnlySpan<byte> group, scoped ReadOnlySpan<byte> key, ref ProcText value)
    {
        if (Next(group, key) is not { } wanted) return;
        double number = value.Number();
        Set(wanted.Slot, number, value.IsMalformed);
    }

    private void Set(int slot, double value, bool isMalformed) =>
        _values[slot] = new FieldValue { Value = value, Failure = isMalformed ? FailureReason.Error : null, IsKnown = true };

    private void TakePairs(ref ProcText keys, ref ProcText line)
    {
        ReadOnlySpan<byte> group = keys.Until((byte)':');
        // A line that was lost would give every key behind it a stranger's value.
        if (!line.Until((byte)':').SequenceEqual(group)) return;
        while (keys.Word() is { IsEmpty: false } key)
        {
            ReadOnlySpan<byte> word = line.Word();
            if (Next(group, key) is not { } wanted) continue;
            var value = new ProcText(word);
            double number = value.Number();
            Set(wanted.Slot, number, value.IsMalformed);
        }
    }

    private void TakeGroup(ref ProcText line)
    {
        ReadOnlySpan<byte> group = line.Until((byte)':');
        while (line.Word() is { IsEmpty: false } key)
        {
            var value = new ProcText(line.Word());
            Take(group, key, ref value);
        }
    }

    private void TakeTyped(ref ProcText line)
    {
        ReadOnlySpan<byte> key = line.Word();
        line.Skip(1);
        Take(default, key, ref line);
    }

    private void TakeNumbers(scoped ReadOnlySpan<byte> group, ref ProcText line)
    {
        Span<byte> name = stackalloc byte[PositionDigits];
        for (int position = 0; position < 100 && line.Word() is { IsEmpty: false } word; position++)
        {
            position.TryFormat(name, out int digits);
            var value = new ProcText(word);
            Take(group, name[..digits], ref value);
        }
    }

    private void TakeHex(ref ProcText lines)
    {
        ProcText keys = default;
        bool named = form == FieldForm.HexTable;
        if (named && !lines.TryLine(out keys)) return;
        int rows = 0;
        for (ProcText counted = lines; counted.TryLine(out _);) rows++;
        foreach (Wanted wanted in _wanted) wanted.Sum.Begin(rows);
        for (int row = 0; lines.TryLine(out ProcText line); row++) TakeHexRow(keys, ref line, named, row);
    }

    private void TakeHexRow(ProcText keys, ref ProcText line, bool named, int row)
    {
        Span<byte> name = stackalloc byte[PositionDigits];
        int from = _at;
        bool first = row == 0;
        if (!first) _at = 0;
        int seen = _seen;
        for (int position = 0; position < 100; position++)
        {
            position.TryFormat(name, out int digits);
            ReadOnlySpan<byte> key = named ? keys.Word() : name[..digits], word = line.Word();
            if (named ? key.IsEmpty : word.IsEmpty) break;
            if ((!first && _learning ? Known(key) : Next(default, key)) is not { } wanted) continue;
            var value = new ProcText(word);
            ulong number = value.Hexadecimal();
            bool isMalformed = value.IsMalformed || number > uint.MaxValue;
            if (!isMalformed) wanted.Sum.Take(row, (uint)number);
            ref FieldValue had = ref _values[wanted.Slot];
            if (first) Set(wanted.Slot, wanted.Sum.Total, isMalformed);
            else if (isMalformed) had.Failure = FailureReason.Error;
            else had.Value = wanted.Sum.Total;
        }

        if (first) return;
        _seen = seen;
        _at = from;
    }

    private Wanted? Next(scoped ReadOnlySpan<byte> group, scoped ReadOnlySpan<byte> key)
    {
        _seen++;
        if (_learning) return Learn(group, key);
        if (_at == _order.Count || !_wanted[_order[_at]].Is(group, key)) return null;
        return _wanted[_order[_at++]];
    }

    private Wanted? Learn(scoped ReadOnlySpan<byte> group, scoped ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < _wanted.Count; i++)
        {
            if (!_wanted[i].Is(group, key) || _order.Contains(i)) continue;
            _order.Add(i);
            _at++;
            return _wanted[i];
        }

        return null;
    }

    private Wanted? Known(scoped ReadOnlySpan<byte> key)
    {
        foreach (int i in _order)
            if (_wanted[i].Is(default, key)) return _wanted[i];
        return null;
    }

    private sealed record Wanted(byte[] Group, byte[] Key, int Slot)
    {
        /// <summary>Of what stands in a row for each processor.</summary>
        public WrappingSum Sum { get; } = new();

        public bool Is(scoped ReadOnlySpan<byte> group, scoped ReadOnlySpan<byte> key) => key.SequenceEqual(Key) && group.SequenceEqual(Group);
    }
}
