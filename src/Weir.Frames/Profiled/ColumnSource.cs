namespace Weir.Frames.Profiled;

/// <summary>Columns to be encoded.</summary>
/// <param name="values">Values, series-major, <paramref name="stride"/> apart; exactly series x stride of them.</param>
/// <param name="present">1 where a value is present; same shape.</param>
/// <param name="stride">Cells from one series to the next, at least <paramref name="ticks"/>.</param>
/// <param name="ticks">Ticks.</param>
/// <param name="missing">How many cells are missing.</param>
/// <param name="age">Ticks from the base to the first tick, from 1; 0 where the first present value of every column is its base.</param>
/// <param name="order">Which columns, and in which order; empty for all as they stand.</param>
internal readonly ref struct ColumnSource(
    ReadOnlySpan<double> values, ReadOnlySpan<byte> present, int stride, int ticks, int missing, int age, ReadOnlySpan<int> order = default)
{
    private readonly ReadOnlySpan<double> _values = values;
    private readonly ReadOnlySpan<byte> _present = present;
    private readonly ReadOnlySpan<int> _order = order;

    public int Series => _order.IsEmpty ? _values.Length / stride : _order.Length;

    public int Ticks => ticks;

    public int Missing => missing;

    public int Age => Math.Max(1, age);

    /// <summary>Whether columns begin at their base.</summary>
    public bool Anchored => age == 0;

    public ReadOnlySpan<double> ValuesOf(int series) => _values.Slice(CellOf(series), ticks);

    public ReadOnlySpan<byte> PresentOf(int series) => _present.Slice(CellOf(series), ticks);

    /// <summary>The values of a column that are present.</summary>
    /// <param name="series">The column.</param>
    /// <param name="scratch">Room for as many values as there are ticks, used where some are missing.</param>
    public ReadOnlySpan<double> PresentValuesOf(int series, Span<double> scratch)
    {
        ReadOnlySpan<double> values = ValuesOf(series);
        ReadOnlySpan<byte> present = PresentOf(series);
        if (!present.Contains((byte)0)) return values;
        int count = 0;
        for (int t = 0; t < values.Length; t++)
            if (present[t] != 0) scratch[count++] = values[t];
        return scratch[..count];
    }

    private int CellOf(int series) => (_order.IsEmpty ? series : _order[series]) * stride;
}
