namespace Weir.Agent.Collection;

/// <summary>What one collector read at one tick: a value or a reason per series, in the order of its schema parts.</summary>
/// <remarks>
/// Owned by the collector's slot and reused for every tick. Written by the lane's thread while the collector runs, read by the engine after it
/// reported the run done; the slot's state is the barrier between the two.
/// </remarks>
/// <param name="maxSeries">Most series that a shape may have.</param>
internal sealed class Columns(int maxSeries = Columns.MaxSeries)
{
    /// <summary>Most series of one collector: a dozen of that size fit into a group (<see cref="FrameLimits.MaxSeries"/>).</summary>
    public const int MaxSeries = 8_000;

    /// <summary>State of a series that is not due at this tick (a rate at the first one).</summary>
    public const byte NotDue = 0;

    /// <summary>State of a series that has a value.</summary>
    public const byte Present = 1;

    private const byte FailedBase = 0x10;

    private double[] _values = [];
    private byte[] _states = [];

    /// <summary>Templates with instances; a new list object whenever the shape changed.</summary>
    public IReadOnlyList<SchemaPart> Parts { get; private set; } = [];

    /// <summary>How many series the parts have.</summary>
    public int Count { get; private set; }

    /// <summary>What the parts take of the limits of a schema.</summary>
    public SchemaSize Size { get; private set; }

    /// <summary>The values; what stands where none is present means nothing.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary><see cref="NotDue"/>, <see cref="Present"/>, or a state of which <see cref="ReasonOf"/> gives the reason.</summary>
    public ReadOnlySpan<byte> States => _states.AsSpan(0, Count);

    /// <summary>How many series there are, how many failed, and why the first of them. Any thread: one that reads while the collector writes may see half of it.</summary>
    public (int Series, int Failed, FailureReason? Reason) Summary()
    {
        // The array of one shape may come with the number of another.
        byte[] states = Volatile.Read(ref _states);
        ReadOnlySpan<byte> seen = states.AsSpan(0, Math.Min(states.Length, Count));
        int failed = 0;
        FailureReason? reason = null;
        foreach (byte state in seen)
        {
            if (ReasonOf(state) is not { } found) continue;
            failed++;
            reason ??= found;
        }

        return (seen.Length, failed, reason);
    }

    /// <summary>Takes a new shape; all series are then not due.</summary>
    /// <exception cref="ArgumentException">The parts exceed a limit of <see cref="Schema"/> or the limit: the collector's tick fails, its neighbours' do not.</exception>
    public void Shape(IReadOnlyList<SchemaPart> parts)
    {
        int count = 0;
        foreach (SchemaPart part in parts) count += part.SeriesCount;
        if (count > maxSeries) throw new ArgumentException($"the collector has {count} series, the limit is {maxSeries}", nameof(parts));
        SchemaSize size = count > 0 ? SchemaSize.Of(new Schema(parts)) : default;
        if (size.Excess is { } excess) throw new ArgumentException($"the collector has {excess}", nameof(parts));
        if (_values.Length < count)
        {
            _values = new double[count];
            _states = new byte[count];
        }

        Count = count;
        Size = size;
        Parts = parts;
        Clear();
    }

    /// <summary>Makes all series not due.</summary>
    public void Clear() => _states.AsSpan(0, Count).Clear();

    /// <summary>Gives a series its value.</summary>
    public void Set(int series, double value)
    {
        _values[series] = value;
        _states[series] = Present;
    }

    /// <summary>Says that a series was due and could not be read.</summary>
    public void Fail(int series, FailureReason reason) => _states[series] = (byte)(FailedBase + (byte)reason);

    /// <summary>The reason behind a failed series' state; null for the other states.</summary>
    public static FailureReason? ReasonOf(byte state) => state > FailedBase ? (FailureReason)(state - FailedBase) : null;
}
