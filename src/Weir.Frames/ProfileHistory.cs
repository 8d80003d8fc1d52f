using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>Remembers the newest ticks of a group and makes baselines from them.</summary>
/// <remarks>
/// A ring of at most <see cref="MaxTicks"/> ticks, fewer where there are very many series: at most <see cref="MaxCells"/> values, 9 B each. Adding a tick allocates nothing.
/// Not thread-safe.
/// </remarks>
public sealed class ProfileHistory
{
    /// <summary>Most ticks that profiles look back on: five minutes at one second.</summary>
    public const int MaxTicks = 300;

    /// <summary>Most values remembered: 4 Mi, 36 MiB, reached at 14,000 series.</summary>
    public const int MaxCells = 4 << 20;

    // A history this short cannot tell a pattern; a baseline of it would say nothing.
    private const int LeastCapacity = 10;

    private readonly double[] _values;
    private readonly byte[] _present;
    private readonly int _capacity;
    private readonly double[] _turnedValues;
    private readonly byte[] _turnedPresent;
    private ProfileMaker? _maker;
    private int _next;

    /// <summary>Makes an empty history.</summary>
    /// <param name="schema">The group's series.</param>
    /// <param name="intervalMs">Distance of its ticks, 1 to 3,600,000 ms.</param>
    public ProfileHistory(Schema schema, int intervalMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervalMs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(intervalMs, 3_600_000);
        Schema = schema;
        IntervalMs = intervalMs;
        _capacity = Math.Clamp(MaxCells / schema.SeriesCount, LeastCapacity, MaxTicks);
        _values = new double[_capacity * schema.SeriesCount];
        _present = new byte[_values.Length];
        _turnedValues = new double[_capacity];
        _turnedPresent = new byte[_capacity];
    }

    /// <summary>The group's series.</summary>
    public Schema Schema { get; }

    /// <summary>Distance of its ticks in ms.</summary>
    public int IntervalMs { get; }

    /// <summary>Ticks remembered.</summary>
    public int Ticks { get; private set; }

    /// <summary>Time of the newest tick, Unix ms; 0 where there is none.</summary>
    public long NewestMs { get; private set; }

    /// <summary>Adds a tick; the oldest is forgotten when the ring is full.</summary>
    /// <param name="timeMs">Its time, Unix ms.</param>
    /// <param name="values">One value per series.</param>
    /// <param name="present">1 per present value, 0 per missing one.</param>
    public void Add(long timeMs, ReadOnlySpan<double> values, ReadOnlySpan<byte> present)
    {
        if (values.Length != Schema.SeriesCount || present.Length != values.Length)
            throw new ArgumentException($"a tick has {Schema.SeriesCount} values", nameof(values));
        for (int s = 0, cell = _next; s < values.Length; s++, cell += _capacity)
        {
            _values[cell] = values[s];
            _present[cell] = present[s];
        }

        _next = _next + 1 == _capacity ? 0 : _next + 1;
        Ticks = Math.Min(Ticks + 1, _capacity);
        NewestMs = timeMs;
    }

    /// <summary>Forgets all ticks: behind a step of the clock distances mean nothing.</summary>
    public void Clear() => (Ticks, _next, NewestMs) = (0, 0, 0);

    /// <summary>A history for another schema that remembers of the series that both have what this one does.</summary>
    public ProfileHistory CarryOver(Schema schema)
    {
        var history = new ProfileHistory(schema, IntervalMs);
        if (Ticks == 0) return history;
        Turn();
        int ticks = Math.Min(Ticks, history._capacity), skipped = Ticks - ticks;
        int[] places = Schema.PlacesIn(schema);
        for (int s = 0; s < places.Length; s++)
        {
            if (places[s] < 0) continue;
            _values.AsSpan((places[s] * _capacity) + skipped, ticks).CopyTo(history._values.AsSpan(s * history._capacity));
            _present.AsSpan((places[s] * _capacity) + skipped, ticks).CopyTo(history._present.AsSpan(s * history._capacity));
        }

        history.Ticks = ticks;
        history._next = ticks == history._capacity ? 0 : ticks;
        history.NewestMs = NewestMs;
        return history;
    }

    /// <summary>Makes a baseline of the newest tick, with profiles from all ticks remembered.</summary>
    /// <exception cref="InvalidOperationException">There is no tick.</exception>
    public Baseline MakeBaseline()
    {
        if (Ticks == 0) throw new InvalidOperationException("there is no tick to make a baseline of");
        Turn();
        var set = new ProfileSet();
        int missing = 0;
        for (int s = 0; s < Schema.SeriesCount; s++) missing += _present.AsSpan(s * _capacity, Ticks).Count((byte)0);
        _maker ??= new ProfileMaker();
        _maker.Make(new ColumnSource(_values, _present, _capacity, Ticks, missing, age: 0), baseIsFirst: false, set);
        return Baseline.Make(Schema.Id, NewestMs, IntervalMs, set);
    }

    // Turns each series' ring so that its oldest tick comes first.
    private void Turn()
    {
        if (Ticks < _capacity || _next == 0) return;
        for (int s = 0; s < Schema.SeriesCount; s++)
        {
            Turn(_values.AsSpan(s * _capacity, _capacity), _turnedValues);
            Turn(_present.AsSpan(s * _capacity, _capacity), _turnedPresent);
        }

        _next = 0;
    }

    private void Turn<T>(Span<T> ring, Span<T> turned)
    {
        ring[_next..].CopyTo(turned);
        ring[.._next].CopyTo(turned[(_capacity - _next)..]);
        turned.CopyTo(ring);
    }
}
