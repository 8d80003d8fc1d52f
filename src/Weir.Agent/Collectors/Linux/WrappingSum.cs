namespace Weir.Agent.Collectors.Linux;

/// <summary>The sum of a 32-bit counter over processors, in 64 bit: it does not fall when one of them wraps, is set back or goes offline.</summary>
/// <remarks>
/// Begins at zero with the first reading (what the 32 bits held then says little, and a new beginning here would look like a reset to it), and goes on by differences. A difference of half the range or more is no wrap but a new beginning, which counts from zero. Rows are told apart by
/// their place alone: where their number changes each begins anew from what it has, and what it counted since the last reading is lost.
/// </remarks>
internal sealed class WrappingSum
{
    private const uint HalfRange = 1u << 31;
    private const long Unknown = -1;

    private long[] _last = [];

    /// <summary>What all have counted since the first reading.</summary>
    public ulong Total { get; private set; }

    /// <summary>Says how many rows the next readings are of.</summary>
    public void Begin(int rows)
    {
        if (rows == _last.Length) return;
        _last = new long[rows];
        Array.Fill(_last, Unknown);
    }

    /// <summary>Takes the reading of a row.</summary>
    public void Take(int row, uint reading)
    {
        long last = _last[row];
        _last[row] = reading;
        if (last == Unknown) return;
        uint step = unchecked(reading - (uint)last);
        Total += reading < last && step >= HalfRange ? reading : step;
    }
}
